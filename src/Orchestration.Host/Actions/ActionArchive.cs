using System.IO.Compression;

namespace Orchestration.Host.Actions;

/// <summary>The zip of an action. The same files make the same bytes, so that an action that did not change is not sent again.</summary>
internal sealed class ActionArchive
{
    // A zip has no earlier time.
    private static readonly DateTimeOffset Epoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SortedDictionary<string, byte[]> _entries = new(StringComparer.Ordinal);

    /// <summary>The names in it, in their order.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    public void Add(string name, string file) => _entries[name] = File.ReadAllBytes(file);

    public void AddText(string name, string text) => _entries[name] = System.Text.Encoding.UTF8.GetBytes(text);

    /// <summary>Adds the files of a folder with those below it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="prefix">What their names in the archive begin with; empty, or ends with a slash.</param>
    /// <param name="wants">Which of them, by their names in the folder; null for all but hidden and compiled ones.</param>
    public void AddFolder(string folder, string prefix, Func<string, bool>? wants = null)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(folder, file).Replace('\\', '/');
            if (!IsLeftOut(name) && wants?.Invoke(name) != false)
                Add(prefix + name, file);
        }
    }

    /// <summary>Writes it.</summary>
    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in _entries)
            {
                var entry = zip.CreateEntry(name, CompressionLevel.Optimal);
                entry.LastWriteTime = Epoch;
                entry.ExternalAttributes = (0x8000 | 0b110_100_100) << 16;
                using var target = entry.Open();
                target.Write(content);
            }
        }
        return bytes.ToArray();
    }

    private static bool IsLeftOut(string name) =>
        name.Split('/').Any(part => part.StartsWith('.') || part == "__pycache__") || name.EndsWith(".pyc", StringComparison.Ordinal);
}
