namespace Orchestration.Core.Identity;

/// <summary>Identifies one action of an orchestration (<c>action_id</c>), over all its attempts: a MongoDB ObjectId written as 24 lower-case hexadecimal digits.</summary>
public readonly record struct ActionId
{
    private readonly string? _value;

    private ActionId(string value) => _value = value;

    /// <summary>The 24 hexadecimal digits.</summary>
    public string Value => _value ?? ObjectIdText.Zero;

    /// <summary>Reads an id.</summary>
    /// <param name="text">24 hexadecimal digits, any case.</param>
    /// <returns>The id in lower case.</returns>
    /// <exception cref="FormatException"><paramref name="text"/> is not 24 hexadecimal digits.</exception>
    public static ActionId Parse(string text) => new(ObjectIdText.Normalize(text, "action id"));

    /// <summary>The id that stands <paramref name="offset"/> places after this one in its counter, so that a batch needs one drawn id only.</summary>
    /// <param name="offset">How far to count, from 0 up.</param>
    /// <returns>The id whose last 8 bytes, read as one big-endian number, are larger by <paramref name="offset"/> (modulo 2^64).</returns>
    public ActionId Plus(int offset) => offset == 0 ? this : new ActionId(ObjectIdText.Add(Value, offset));

    /// <inheritdoc />
    public override string ToString() => Value;
}
