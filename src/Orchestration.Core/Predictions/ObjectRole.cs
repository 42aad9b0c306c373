using System.Text.RegularExpressions;
using Orchestration.Core.Objects;

namespace Orchestration.Core.Predictions;

/// <summary>
/// What an object is in its pipeline, whichever run wrote it: its bucket, and its key with numbers, ids and the name of the run's input replaced.
/// <c>chunks/chunk_0_1714017881.mp4</c> and <c>chunks/chunk_3_1714019002.mp4</c> are both <c>chunks/chunk_{n}_{n}.mp4</c>.
/// </summary>
public static partial class ObjectRole
{
    private const int ShortestStem = 3;

    /// <summary>Finds the role.</summary>
    /// <param name="key">The object.</param>
    /// <param name="input">The run's input; null when it has none.</param>
    /// <returns><c>bucket/pattern</c>.</returns>
    public static string Of(ObjectKey key, ObjectKey? input)
    {
        var slash = key.Value.IndexOf('/', StringComparison.Ordinal);
        var (bucket, name) = (key.Value[..(slash + 1)], key.Value[(slash + 1)..]);
        if (input is { } read && StemOf(read) is { Length: >= ShortestStem } stem)
            name = name.Replace(stem, "{input}", StringComparison.Ordinal);
        return bucket + Numbers().Replace(Ids().Replace(name, "{id}"), "{n}");
    }

    private static string StemOf(ObjectKey key)
    {
        var file = key.Value[(key.Value.LastIndexOf('/') + 1)..];
        var dot = file.LastIndexOf('.');
        return dot > 0 ? file[..dot] : file;
    }

    // UUIDs, ObjectIds and digests: hexadecimal digits of which at least one is a digit, so that no word is taken for one.
    [GeneratedRegex("(?<![0-9A-Za-z])(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(?=[a-fA-F]*[0-9])[0-9a-fA-F]{16,})(?![0-9A-Za-z])")]
    private static partial Regex Ids();

    // A number that stands alone counts or dates something; one inside a word, such as 360p, belongs to the name.
    [GeneratedRegex("(?<![0-9A-Za-z])[0-9]+(?![0-9A-Za-z])")]
    private static partial Regex Numbers();
}
