using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestration.LocalWhisk.Actions;
using Orchestration.LocalWhisk.Http;

namespace Orchestration.LocalWhisk.Storage;

/// <summary>The deployed actions: all in memory, and each in a file of its own.</summary>
internal sealed class ActionStore
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, WhiskAction> _actions = new(StringComparer.Ordinal);
    private readonly string _folder;
    private readonly string _namespace;

    public ActionStore(string folder, string ns)
    {
        (_folder, _namespace) = (folder, ns);
        foreach (var path in Directory.GetFiles(folder, "*.json"))
            Load(path);
    }

    public WhiskAction? Find(string name) => _actions.GetValueOrDefault(name);

    public IReadOnlyList<WhiskAction> List() => [.. _actions.Values.OrderByDescending(a => a.Updated).ThenBy(a => a.Name, StringComparer.Ordinal)];

    /// <param name="name">Name of the action.</param>
    /// <param name="overwrite">Whether a stored action may be updated.</param>
    /// <param name="update">Makes the new action from the stored one, or from null.</param>
    /// <returns>The action that was replaced, if any, and the new one.</returns>
    public (WhiskAction? Old, WhiskAction New) Put(string name, bool overwrite, Func<WhiskAction?, WhiskAction> update)
    {
        lock (_lock)
        {
            var old = Find(name);
            if (old is not null && !overwrite)
                throw new ApiException(409, "resource already exists");
            var action = update(old);
            Save(action);
            _actions[name] = action;
            return (old, action);
        }
    }

    public WhiskAction Delete(string name)
    {
        lock (_lock)
        {
            var action = Find(name) ?? throw ApiException.Missing();
            File.Delete(PathOf(name));
            _actions.TryRemove(name, out _);
            return action;
        }
    }

    private void Load(string path)
    {
        try
        {
            var action = ActionJson.ReadStored(File.ReadAllBytes(path));
            _actions[action.Name] = action;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or ApiException)
        {
            throw new LocalWhiskException($"The stored action {path} cannot be read ({e.Message}). Remove the file and deploy the action again.", e);
        }
    }

    private void Save(WhiskAction action)
    {
        var path = PathOf(action.Name);
        var next = path + ".new";
        var json = JsonBytes.Build(writer => ActionJson.WriteFull(writer, action, _namespace, withCode: true));
        Disk.Write((next, path, json), static x =>
        {
            File.WriteAllBytes(x.next, x.json);
            File.Move(x.next, x.path, overwrite: true);
        });
    }

    // A name may hold characters, or be longer, than a file name can be.
    private string PathOf(string name) => Path.Combine(_folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))) + ".json");
}
