using Orchestration.Core.Ports;

namespace Orchestration.Host.Storage;

/// <summary>Texts as files of the data directory, which belongs to this process; a folder for each kind.</summary>
/// <param name="folder">The folder above those of the kinds.</param>
internal sealed class FolderDocuments(string folder) : IServiceDocuments
{
    private readonly Lock _gate = new();

    public Task<string?> FindAsync(string kind, string name, CancellationToken cancellation) => Task.FromResult(Find(PathOf(kind, name)));

    public Task<IReadOnlyList<string>> ListAsync(string kind, CancellationToken cancellation)
    {
        var place = new DirectoryInfo(Path.Combine(folder, kind));
        return Task.FromResult<IReadOnlyList<string>>(place.Exists ? [.. place.EnumerateFiles("*.txt").Select(f => Path.GetFileNameWithoutExtension(f.Name)).Order(StringComparer.Ordinal)] : []);
    }

    public Task PutAsync(string kind, string name, string text, CancellationToken cancellation)
    {
        lock (_gate)
            Put(PathOf(kind, name), text);
        return Task.CompletedTask;
    }

    public Task<string> AddOrFindAsync(string kind, string name, string text, CancellationToken cancellation)
    {
        var path = PathOf(kind, name);
        lock (_gate)
        {
            if (Find(path) is { } there)
                return Task.FromResult(there);
            Put(path, text);
            return Task.FromResult(text);
        }
    }

    public Task<bool> RemoveAsync(string kind, string name, CancellationToken cancellation)
    {
        var path = PathOf(kind, name);
        lock (_gate)
        {
            var isThere = File.Exists(path);
            File.Delete(path);
            return Task.FromResult(isThere);
        }
    }

    private static string? Find(string path) => File.Exists(path) ? File.ReadAllText(path) : null;

    private static void Put(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        PrivateFile.Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
    }

    private string PathOf(string kind, string name) => Path.Combine(folder, kind, name + ".txt");
}
