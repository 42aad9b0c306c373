using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestration.Core.Json;
using Orchestration.Host.Api.Runs;
using Orchestration.Workflows.Reading;

namespace Orchestration.Host.Api.Batches;

/// <summary>The routes by which a client makes the batches of an orchestration; <c>docs/api.md</c> describes them.</summary>
/// <param name="service">What they do.</param>
internal sealed class BatchRoutes(RunService service)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    public void Map(IEndpointRouteBuilder routes)
    {
        var batches = routes.MapGroup("/v1/orchestrations/{id}/batches");
        batches.MapPost("", (RequestDelegate)SubmitAsync);
        batches.MapGet("/{key}", (RequestDelegate)ReadAsync);
    }

    private async Task SubmitAsync(HttpContext context)
    {
        var id = service.Resolve(context);
        var key = await service.SubmitBatchAsync(id, BatchJson.Read(await ApiJson.ReadAsync(context)), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers.Location = $"/v1/orchestrations/{id}/batches/{Uri.EscapeDataString(key)}";
        await ApiJson.SendAsync(context, JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("key", key);
            writer.WriteEndObject();
        }));
    }

    private async Task ReadAsync(HttpContext context)
    {
        var wait = TimeSpan.Zero;
        if (context.Request.Query.TryGetValue("wait", out var text) && !(Durations.TryParse(text.ToString(), out wait) && wait <= LongestWait))
            throw new FormatException("'wait' takes a duration up to 1m, such as 30s.");
        await ApiJson.SendAsync(context, await service.ReadBatchAsync(service.Resolve(context), Key(context), wait, context.RequestAborted));
    }

    // Routing decodes all of a segment but its slashes.
    private static string Key(HttpContext context) => ((string)context.Request.RouteValues["key"]!).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}
