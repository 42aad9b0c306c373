using Orchestration.LocalWhisk.Actions;

namespace Orchestration.LocalWhisk.Packages;

/// <summary>A stored package: parameters that its actions inherit, or another package's under a name of its own.</summary>
internal sealed record WhiskPackage
{
    public required string Name { get; init; }

    /// <summary>The package that this one is a binding to; null for a package with actions of its own.</summary>
    public string? Binding { get; init; }

    public IReadOnlyList<Entry> Parameters { get; init; } = [];

    public IReadOnlyList<Entry> Annotations { get; init; } = [];

    public ActionVersion Version { get; init; } = ActionVersion.First;

    public bool Publish { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    public long Updated { get; init; }
}
