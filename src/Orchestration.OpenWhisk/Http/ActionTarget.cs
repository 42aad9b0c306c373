using System.Diagnostics.CodeAnalysis;

namespace Orchestration.OpenWhisk.Http;

/// <summary>Where an action is: its name taken apart and made into a path. Names are <c>a</c>, <c>pkg/a</c>, <c>/ns/a</c> or <c>/ns/pkg/a</c>.</summary>
/// <param name="Name">The name as it was given.</param>
/// <param name="Namespace">The namespace, of the name or of the settings.</param>
/// <param name="Package">The package; null for none.</param>
/// <param name="Path">Path below <c>/namespaces</c>, percent-encoded.</param>
internal sealed record ActionTarget(string Name, string Namespace, string? Package, string Path)
{
    public static bool TryParse(string name, string defaultNamespace, [NotNullWhen(true)] out ActionTarget? target, [NotNullWhen(false)] out string? problem)
    {
        target = null;
        problem = null;
        var absolute = name.StartsWith('/');
        var segments = (absolute ? name[1..] : name).Split('/');
        var fits = absolute ? segments.Length is 2 or 3 : segments.Length is 1 or 2;
        if (!fits)
            problem = $"'{name}' names no action: it takes NAME, PACKAGE/NAME, /NAMESPACE/NAME or /NAMESPACE/PACKAGE/NAME.";
        // '.' and '..' would be resolved away as parts of a URL and so reach another path.
        else if (segments.Any(s => string.IsNullOrWhiteSpace(s) || s is "." or ".." || s.Any(char.IsControl)))
            problem = $"'{name}' names no action: a part of it is empty, a dot, or has control characters.";
        if (problem is not null)
            return false;

        var space = absolute ? segments[0] : defaultNamespace;
        var rest = absolute ? segments[1..] : segments;
        target = new ActionTarget(name, space, rest.Length == 2 ? rest[0] : null,
            $"/{Uri.EscapeDataString(space)}/actions/{string.Join('/', rest.Select(Uri.EscapeDataString))}");
        return true;
    }

    /// <summary>The action for an error's message.</summary>
    public override string ToString() => Namespace == "_" ? $"action '{Name}' (own namespace)" : $"action '{Name}' in namespace '{Namespace}'";
}
