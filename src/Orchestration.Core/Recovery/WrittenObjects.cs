using System.Collections.Immutable;
using System.Text.Json;
using Orchestration.Core.Actions;
using Orchestration.Core.Objects;

namespace Orchestration.Core.Recovery;

/// <summary>One object as the orchestration's actions left it.</summary>
/// <param name="By">The action that wrote it last.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ETag">The store's version tag; null when the action told none.</param>
public readonly record struct WrittenObject(Place By, long Size, string? ETag);

/// <summary>The objects that an orchestration's actions have written, by name: what later actions' parameters may refer to.</summary>
public sealed class WrittenObjects
{
    private readonly ImmutableDictionary<ObjectKey, WrittenObject> _objects;
    private readonly ImmutableDictionary<string, ImmutableList<ObjectKey>> _byKey;

    private WrittenObjects(ImmutableDictionary<ObjectKey, WrittenObject> objects, ImmutableDictionary<string, ImmutableList<ObjectKey>> byKey) =>
        (_objects, _byKey) = (objects, byKey);

    /// <summary>None.</summary>
    public static WrittenObjects None { get; } = new(ImmutableDictionary<ObjectKey, WrittenObject>.Empty, ImmutableDictionary<string, ImmutableList<ObjectKey>>.Empty);

    /// <summary>All of them.</summary>
    public IReadOnlyDictionary<ObjectKey, WrittenObject> All => _objects;

    /// <summary>Takes in a write.</summary>
    /// <param name="key">Which object.</param>
    /// <param name="written">How it was left.</param>
    /// <returns>The objects with it.</returns>
    public WrittenObjects With(ObjectKey key, WrittenObject written) => new(
        _objects.SetItem(key, written),
        _objects.ContainsKey(key) ? _byKey : _byKey.SetItem(key.Key, _byKey.GetValueOrDefault(key.Key, []).Add(key)));

    /// <summary>
    /// The objects that an action is expected to read: those it declares, and those of these objects that a text among its parameters names
    /// (<c>bucket/key</c>, or the key alone). What it declares to write, and what it wrote itself, is left out.
    /// Of a re-run it is known what it read, and nothing is guessed.
    /// </summary>
    /// <param name="spec">The action.</param>
    /// <param name="self">Where it stands.</param>
    /// <returns>Each object once.</returns>
    public ImmutableArray<ObjectKey> InputsOf(ActionSpec spec, Place self)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (_objects.IsEmpty || spec.Job is not null)
            return spec.Reads;
        var inputs = ImmutableArray.CreateBuilder<ObjectKey>();
        var seen = new HashSet<ObjectKey>(spec.Writes);
        foreach (var key in spec.Reads)
            if (seen.Add(key))
                inputs.Add(key);
        var reader = new Utf8JsonReader(spec.Parameters.Utf8.Span);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.String || Text(ref reader) is not { } text)
                continue;
            if (ObjectKey.TryParse(text, out var whole) && _objects.ContainsKey(whole))
                Take(whole);
            if (_byKey.TryGetValue(text, out var keys))
                keys.ForEach(Take);
        }

        return inputs.ToImmutable();

        void Take(ObjectKey key)
        {
            if (_objects[key].By != self && seen.Add(key))
                inputs.Add(key);
        }
    }

    // JSON allows an escape for half a surrogate pair; no text, and so no object's name, can hold it.
    private static string? Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
