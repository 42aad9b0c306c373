using Orchestration.LocalWhisk.Http;

namespace Orchestration.LocalWhisk.Actions;

/// <summary>OpenWhisk's rule for names of actions and namespaces.</summary>
internal static class EntityName
{
    private const int MaxLength = 256;

    public static bool IsLegal(string name) =>
        name.Length is > 0 and <= MaxLength && IsWord(name[0]) && name[^1] != ' ' && name.All(IsAllowed);

    public static void Require(string name)
    {
        if (name.Length > MaxLength)
            throw new ApiException(400, $"Name segement longer than allowed: {name.Length} > {MaxLength}.");
        if (!IsLegal(name))
            throw new ApiException(400, "The name of the entity contains illegal characters.");
    }

    public static void RequireNamespace(string name)
    {
        if (name.Length > MaxLength)
            throw new ApiException(400, $"Namespace longer than allowed: {name.Length} > {MaxLength}.");
        if (!IsLegal(name))
            throw new ApiException(400, "The namespace contains illegal characters.");
    }

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private static bool IsAllowed(char c) => IsWord(c) || c is ' ' or '@' or '.' or '&' or '-';
}
