namespace Orchestration.Core.Identity;

/// <summary>Identifies one orchestration (<c>orch_id</c>): a MongoDB ObjectId written as 24 lower-case hexadecimal digits.</summary>
public readonly record struct OrchestrationId : IComparable<OrchestrationId>
{
    private readonly string? _value;

    private OrchestrationId(string value) => _value = value;

    /// <summary>The 24 hexadecimal digits.</summary>
    public string Value => _value ?? ObjectIdText.Zero;

    /// <summary>When it was made, UTC, to the second.</summary>
    public DateTimeOffset CreatedAt => ObjectIdText.TimeOf(Value);

    /// <summary>Reads an id.</summary>
    /// <param name="text">24 hexadecimal digits, any case.</param>
    /// <returns>The id in lower case.</returns>
    /// <exception cref="FormatException"><paramref name="text"/> is not 24 hexadecimal digits.</exception>
    public static OrchestrationId Parse(string text) => new(ObjectIdText.Normalize(text, "orchestration id"));

    /// <summary>Reads an id without throwing.</summary>
    /// <param name="text">24 hexadecimal digits, any case.</param>
    /// <param name="id">The id, when the text is one.</param>
    /// <returns>Whether <paramref name="text"/> is an id.</returns>
    public static bool TryParse(string? text, out OrchestrationId id)
    {
        var ok = ObjectIdText.IsValid(text);
        id = ok ? new OrchestrationId(text!.ToLowerInvariant()) : default;
        return ok;
    }

    /// <inheritdoc />
    public int CompareTo(OrchestrationId other) => string.CompareOrdinal(Value, other.Value);

    /// <summary>Compares by the hexadecimal digits, which is by time of creation.</summary>
    public static bool operator <(OrchestrationId left, OrchestrationId right) => left.CompareTo(right) < 0;

    /// <summary>Compares by the hexadecimal digits, which is by time of creation.</summary>
    public static bool operator >(OrchestrationId left, OrchestrationId right) => left.CompareTo(right) > 0;

    /// <summary>Compares by the hexadecimal digits, which is by time of creation.</summary>
    public static bool operator <=(OrchestrationId left, OrchestrationId right) => left.CompareTo(right) <= 0;

    /// <summary>Compares by the hexadecimal digits, which is by time of creation.</summary>
    public static bool operator >=(OrchestrationId left, OrchestrationId right) => left.CompareTo(right) >= 0;

    /// <inheritdoc />
    public override string ToString() => Value;
}
