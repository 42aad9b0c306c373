using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Host.Reports;

namespace Orchestration.Host.Api.Runs;

/// <summary>The route that makes missing objects of a run again; <c>docs/api.md</c> describes it.</summary>
/// <param name="heals">Does it.</param>
/// <param name="service">The runs.</param>
internal sealed class HealRoutes(RunHeals heals, RunService service)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/orchestrations/{id}/heal", (RequestDelegate)HealAsync);

    private async Task HealAsync(HttpContext context)
    {
        var id = service.Resolve(context);
        var body = await ApiJson.ReadAsync(context);
        var wanted = body.Member("objects") switch
        {
            null => [],
            { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().Select(Parse).Distinct().ToList(),
            _ => throw new FormatException("'objects' takes a list of objects, bucket/key."),
        };
        var plan = await heals.PlanAsync(id, wanted, context.RequestAborted);
        var healing = body.Member("plan") is { ValueKind: JsonValueKind.True } ? null : await heals.StartAsync(plan, context.RequestAborted);
        if (healing is { } made)
        {
            context.Response.StatusCode = StatusCodes.Status201Created;
            context.Response.Headers.Location = $"/v1/orchestrations/{made}";
        }
        await ApiJson.SendAsync(context, JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("orchId", healing?.Value);
            writer.WriteJson("plan", JsonBytes.FromTrusted(HealTable.ToJson(plan)));
            writer.WriteEndObject();
        }));
    }

    private static ObjectKey Parse(JsonElement text) => text.ValueKind == JsonValueKind.String && ObjectKey.TryParse(text.GetString(), out var key)
        ? key
        : throw new FormatException($"'objects' takes names of objects, bucket/key, and has {text.GetRawText()}.");
}
