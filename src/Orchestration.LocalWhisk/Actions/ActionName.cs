using Orchestration.LocalWhisk.Http;

namespace Orchestration.LocalWhisk.Actions;

/// <summary>An action's name within its namespace.</summary>
/// <param name="Package">The package that it lies in; null for none.</param>
/// <param name="Name">Its name there.</param>
internal readonly record struct ActionName(string? Package, string Name)
{
    /// <summary>As requests and records name it: <c>name</c> or <c>package/name</c>.</summary>
    public override string ToString() => Package is null ? Name : $"{Package}/{Name}";

    /// <summary>What <see cref="ToString"/> gave; names themselves hold no slash.</summary>
    public static ActionName Parse(string text) => text.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0 ? new ActionName(text[..slash], text[(slash + 1)..]) : new ActionName(null, text);

    /// <summary>
    /// Reads a reference as sequences and conductors give them: <c>/namespace/[package/]name</c> or, without a slash in front, relative to the namespace.
    /// </summary>
    /// <param name="text">The reference.</param>
    /// <param name="ns">The one namespace there is; <c>_</c> stands for it too.</param>
    /// <returns>The name; null where the text is no reference.</returns>
    /// <exception cref="ApiException">403: it leads into another namespace.</exception>
    public static ActionName? Resolve(string text, string ns)
    {
        var isAbsolute = text.StartsWith('/');
        var parts = text.TrimStart('/').Split('/');
        if (!isAbsolute && parts.Length < 3)
            parts = [ns, .. parts];
        if (parts.Length is < 2 or > 3 || !parts.All(p => p == "_" || EntityName.IsLegal(p)))
            return null;
        if (parts[0] != "_" && parts[0] != ns)
            throw new ApiException(403, $"The supplied authentication is not authorized to access '{string.Join('/', parts)}'.");
        return parts.Length == 2 ? new ActionName(null, parts[1]) : new ActionName(parts[1], parts[2]);
    }
}
