using Orchestration.LocalWhisk.Actions;

namespace Orchestration.LocalWhisk.Storage;

/// <summary>The deployed actions.</summary>
internal sealed class ActionStore(string folder, string ns)
{
    private readonly EntityFiles<WhiskAction> _files = new(
        folder, "action", a => a.Name.ToString(), ActionJson.ReadStored, (writer, action) => ActionJson.WriteFull(writer, action, ns, action.Parameters, withCode: true));

    public WhiskAction? Find(ActionName name) => _files.Find(name.ToString());

    /// <summary>All of them, the one that was updated last first.</summary>
    public IReadOnlyList<WhiskAction> List() => [.. _files.All.OrderByDescending(a => a.Updated).ThenBy(a => a.Name.ToString(), StringComparer.Ordinal)];

    /// <summary>Those of one package, the one that was updated last first.</summary>
    public IReadOnlyList<WhiskAction> List(string package) => [.. List().Where(a => a.Name.Package == package)];

    /// <inheritdoc cref="EntityFiles{T}.Put"/>
    public (WhiskAction? Old, WhiskAction New) Put(ActionName name, bool overwrite, Func<WhiskAction?, WhiskAction> update) => _files.Put(name.ToString(), overwrite, update);

    public WhiskAction Delete(ActionName name) => _files.Delete(name.ToString());
}
