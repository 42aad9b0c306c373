using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Orchestration.Core.Json;
using Scalar.AspNetCore;

namespace Orchestration.Host.Api.Description;

/// <summary>The description of the API for programs (OpenAPI 3.1), and a page on which people try it. Neither tells anything of the runs, so neither takes a token.</summary>
internal static class ApiDescription
{
    private const string Document = "/openapi.json";

    /// <summary>Maps them.</summary>
    /// <param name="routes">The API.</param>
    /// <param name="withPage">Whether there is a page as well.</param>
    public static void Map(IEndpointRouteBuilder routes, bool withPage)
    {
        routes.MapGet(Document, context => ApiJson.SendAsync(context, Read())).WithMetadata(ForEverybody.Instance);
        if (withPage)
            routes.MapScalarApiReference("/docs", page => page.WithTitle("Orchestration").WithOpenApiRoutePattern(Document).DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp().HideDeveloperTools().HideClientButton()).WithMetadata(ForEverybody.Instance);
    }

    private static JsonBytes Read()
    {
        using var stream = typeof(ApiDescription).Assembly.GetManifestResourceStream("openapi.json")!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return JsonBytes.FromTrusted(bytes.ToArray());
    }
}
