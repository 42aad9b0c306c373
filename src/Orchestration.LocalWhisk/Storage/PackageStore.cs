using Orchestration.LocalWhisk.Packages;

namespace Orchestration.LocalWhisk.Storage;

/// <summary>The packages and bindings.</summary>
internal sealed class PackageStore(string folder, string ns)
{
    private readonly EntityFiles<WhiskPackage> _files = new(
        folder, "package", p => p.Name, PackageJson.ReadStored, (writer, package) => PackageJson.WriteFull(writer, package, ns, package.Parameters, actions: null));

    public WhiskPackage? Find(string name) => _files.Find(name);

    /// <summary>All of them, the one that was updated last first.</summary>
    public IReadOnlyList<WhiskPackage> List() => [.. _files.All.OrderByDescending(p => p.Updated).ThenBy(p => p.Name, StringComparer.Ordinal)];

    /// <inheritdoc cref="EntityFiles{T}.Put"/>
    public (WhiskPackage? Old, WhiskPackage New) Put(string name, bool overwrite, Func<WhiskPackage?, WhiskPackage> update) => _files.Put(name, overwrite, update);

    public WhiskPackage Delete(string name) => _files.Delete(name);
}
