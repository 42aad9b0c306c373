using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestration.LocalWhisk.Http;

namespace Orchestration.LocalWhisk.Storage;

/// <summary>Entities of one collection: all in memory, and each in a file of its own.</summary>
/// <typeparam name="T">What is stored.</typeparam>
internal sealed class EntityFiles<T> where T : class
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, T> _all = new(StringComparer.Ordinal);
    private readonly string _folder;
    private readonly Func<T, string> _nameOf;
    private readonly Action<Utf8JsonWriter, T> _write;

    /// <summary>Reads what is there.</summary>
    /// <param name="folder">The folder of the files.</param>
    /// <param name="what">What one is called, for the message about a file that cannot be read.</param>
    /// <param name="nameOf">The name by which one is found.</param>
    /// <param name="read">Reads a file's content.</param>
    /// <param name="write">Writes a file's content.</param>
    /// <exception cref="LocalWhiskException">A file cannot be read.</exception>
    public EntityFiles(string folder, string what, Func<T, string> nameOf, Func<byte[], T> read, Action<Utf8JsonWriter, T> write)
    {
        (_folder, _nameOf, _write) = (folder, nameOf, write);
        foreach (var path in Directory.GetFiles(folder, "*.json"))
        {
            try
            {
                var entity = read(File.ReadAllBytes(path));
                _all[nameOf(entity)] = entity;
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or ApiException)
            {
                throw new LocalWhiskException($"The stored {what} {path} cannot be read ({e.Message}). Remove the file and deploy the {what} again.", e);
            }
        }
    }

    public ICollection<T> All => _all.Values;

    public T? Find(string name) => _all.GetValueOrDefault(name);

    /// <param name="name">Name of the entity.</param>
    /// <param name="overwrite">Whether a stored one may be updated.</param>
    /// <param name="update">Makes the new one from the stored one, or from null.</param>
    /// <returns>The one that was replaced, if any, and the new one.</returns>
    public (T? Old, T New) Put(string name, bool overwrite, Func<T?, T> update)
    {
        lock (_lock)
        {
            var old = Find(name);
            if (old is not null && !overwrite)
                throw new ApiException(409, "resource already exists");
            var entity = update(old);
            Save(entity);
            _all[name] = entity;
            return (old, entity);
        }
    }

    public T Delete(string name)
    {
        lock (_lock)
        {
            var entity = Find(name) ?? throw ApiException.Missing();
            File.Delete(PathOf(name));
            _all.TryRemove(name, out _);
            return entity;
        }
    }

    private void Save(T entity)
    {
        var path = PathOf(_nameOf(entity));
        var next = path + ".new";
        var json = JsonBytes.Build((entity, _write), static (writer, x) => x._write(writer, x.entity));
        Disk.Write((next, path, json), static x =>
        {
            File.WriteAllBytes(x.next, x.json);
            File.Move(x.next, x.path, overwrite: true);
        });
    }

    // A name may hold characters, or be longer, than a file name can be.
    private string PathOf(string name) => Path.Combine(_folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))) + ".json");
}
