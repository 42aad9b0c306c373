using Orchestration.LocalWhisk.Http;
using Orchestration.LocalWhisk.Packages;
using Orchestration.LocalWhisk.Storage;

namespace Orchestration.LocalWhisk.Actions;

/// <summary>An action with what it inherits.</summary>
/// <param name="Action">The stored action; of a binding, that of the package it is bound to.</param>
/// <param name="Parameters">Its parameters: the package's, overlaid by the binding's, overlaid by its own.</param>
/// <param name="Binding">The binding by which it was come to; null for none.</param>
internal sealed record ResolvedAction(WhiskAction Action, IReadOnlyList<Entry> Parameters, string? Binding);

/// <summary>Finds actions by name, in packages and through bindings.</summary>
internal sealed class ActionResolver(ActionStore actions, PackageStore packages)
{
    /// <summary>Finds an action to read or to invoke.</summary>
    /// <param name="name">Its name; the package may be a binding.</param>
    /// <returns>The action; null when it, or its package, is not there.</returns>
    public ResolvedAction? Find(ActionName name)
    {
        if (name.Package is not { } packageName)
            return actions.Find(name) is { } plain ? new ResolvedAction(plain, plain.Parameters, null) : null;
        if (packages.Find(packageName) is not { } package)
            return null;
        var (home, inherited) = Inherited(package);
        return home is not null && actions.Find(new ActionName(home, name.Name)) is { } action
            ? new ResolvedAction(action, Overlay(inherited, action.Parameters), package.Binding is null ? null : packageName)
            : null;
    }

    /// <summary>The parameters of a package with those of the package that it is bound to, and where its actions lie.</summary>
    /// <param name="package">The package.</param>
    /// <returns>The package of its actions, null when that is gone; and the parameters.</returns>
    public (string? Home, IReadOnlyList<Entry> Parameters) Inherited(WhiskPackage package)
    {
        if (package.Binding is not { } bound)
            return (package.Name, package.Parameters);
        return packages.Find(bound) is { } provider ? (provider.Name, Overlay(provider.Parameters, package.Parameters)) : (null, package.Parameters);
    }

    /// <summary>The package in which an action is to be stored or deleted.</summary>
    /// <param name="name">The action's name.</param>
    /// <exception cref="ApiException">There is no such package, or it is a binding.</exception>
    public void RequireHome(ActionName name)
    {
        if (name.Package is not { } package)
            return;
        if ((packages.Find(package) ?? throw ApiException.Missing()).Binding is not null)
            throw new ApiException(400, "Operation not permitted on package binding.");
    }

    private static List<Entry> Overlay(IReadOnlyList<Entry> below, IReadOnlyList<Entry> above) =>
        [.. below.Where(b => !above.Any(a => a.Key == b.Key)), .. above];
}
