using Microsoft.AspNetCore.Http;
using Orchestration.Host.Keys;

namespace Orchestration.Host.Api.Access;

/// <summary>Who asks.</summary>
/// <param name="Name">For people and the audit: the name of the key, or that it is a program of this machine.</param>
/// <param name="Scope">What it may do.</param>
/// <param name="IsLocal">Whether it has the token in the data directory, as programs of this user on this machine have.</param>
internal sealed record ApiCaller(string Name, ApiScope Scope, bool IsLocal)
{
    /// <summary>A program that has read the token in the data directory.</summary>
    public static ApiCaller Local { get; } = new("local", ApiScope.Admin, true);

    /// <summary>Who asks this; null before it is known.</summary>
    public static ApiCaller? Of(HttpContext context) => context.Features.Get<ApiCaller>();

    /// <exception cref="ApiException">The caller may not do that.</exception>
    public void MustHave(ApiScope scope, string what)
    {
        if (Scope < scope)
            throw new ApiException(403, "SCOPE", $"The key '{Name}' has the scope {Scope.ToString().ToLowerInvariant()}, and {what} takes {scope.ToString().ToLowerInvariant()}. Ask with another key; 'keys add --scope {scope.ToString().ToLowerInvariant()}' makes one.");
    }
}

/// <summary>Metadata of a route: the scope that it takes, where that is not <see cref="ApiScope.Read"/> for a GET and <see cref="ApiScope.Run"/> for the others.</summary>
/// <param name="Scope">The scope.</param>
internal sealed record TakesScope(ApiScope Scope);
