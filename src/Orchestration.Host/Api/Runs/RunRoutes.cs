using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Ports;
using Orchestration.Host.Api.Access;
using Orchestration.Host.Keys;
using Orchestration.Host.Stored;

namespace Orchestration.Host.Api.Runs;

/// <summary>The routes that start runs, list them and change them; <c>docs/api.md</c> describes them.</summary>
/// <param name="starts">Starts them.</param>
/// <param name="service">What is done with them.</param>
internal sealed class RunRoutes(RunStarts starts, RunService service)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        var runs = routes.MapGroup("/v1/orchestrations");
        routes.MapGet("/v1/info", (RequestDelegate)InfoAsync);
        runs.MapPost("", (RequestDelegate)StartAsync);
        runs.MapGet("", (RequestDelegate)ListAsync);
        runs.MapGet("/{id}", context => ShowAsync(context, service.Resolve(context)));
        runs.MapPost("/{id}/cancel", context => ChangeAsync(context, (id, body) => service.CancelAsync(id, body.Text("reason") ?? "It was cancelled through the API.", context.RequestAborted)));
        runs.MapPost("/{id}/fail", context => ChangeAsync(context, (id, body) => service.FailAsync(
            id, body.Text("code"), body.Text("message") ?? throw new FormatException("'message' is missing; it says why the run has failed."), context.RequestAborted)));
        runs.MapPost("/{id}/resume", context => ChangeAsync(context, (id, _) => service.ResumeAsync(id, context.RequestAborted)));
        runs.MapPost("/{id}/retry", context => ChangeAsync(context, (id, body) => service.RetryAsync(id, body.Text("step"), context.RequestAborted)));
        runs.MapPost("/{id}/complete", context => ChangeAsync(context, (id, body) => service.CompleteAsync(
            id, body.Member("output") is { } output ? JsonBytes.From(output) : JsonBytes.Null, body.Member("abandoned") is { ValueKind: JsonValueKind.True }, context.RequestAborted)));
    }

    private async Task InfoAsync(HttpContext context)
    {
        var waiting = await service.ReadWaitingAsync(context.RequestAborted);
        await ApiJson.SendAsync(context, Info(waiting));
    }

    private JsonBytes Info(IReadOnlyList<OrchestrationId> waiting) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("pid", Environment.ProcessId);
        writer.WriteString("machine", Environment.MachineName);
        writer.WriteString("storage", service.Environment.Storage.Name);
        writer.WriteStartObject("platform");
        writer.WriteString("apiHost", service.Environment.Platform.ApiHost);
        writer.WriteString("namespace", service.Environment.Platform.Namespace);
        writer.WriteString("objectStore", service.Environment.Platform.ObjectStore);
        writer.WriteEndObject();
        writer.WriteStartArray("active");
        foreach (var id in service.Active.All)
            writer.WriteStringValue(id.Value);
        writer.WriteEndArray();
        writer.WriteStartArray("waiting");
        foreach (var id in waiting)
            writer.WriteStringValue(id.Value);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private async Task StartAsync(HttpContext context)
    {
        var body = StartBody.Read(await ApiJson.ReadAsync(context));
        if (body.Directory is not null)
            ApiCaller.Of(context)!.MustHave(ApiScope.Admin, "'directory', a folder of the service's machine,");
        var (id, deployed) = await starts.StartAsync(body, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = $"/v1/orchestrations/{id}";
        await ApiJson.SendAsync(context, JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("orchId", id.Value);
            writer.WriteStartArray("deployed");
            foreach (var name in deployed)
                writer.WriteStringValue(name);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }));
    }

    private async Task ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var limit = query.Limit();
        var page = new RunPage(query.Time("since"), query.Time("until"), query.Text("cursor") is not { } cursor ? null
            : OrchestrationId.TryParse(cursor, out var before) ? before
            : throw new FormatException("'cursor' takes what came as 'next'."));
        // One more than is asked for tells whether there is more.
        var runs = await service.ListAsync(new RunQuery(IdPrefix: query.Text("id"), Name: query.Text("name"), Status: query.Choice("status", RunList.Statuses), Limit: limit + 1), page, context.RequestAborted);
        await ApiJson.SendAsync(context, JsonBytes.FromTrusted(RunList.ToJson([.. runs.Take(limit)], runs.Count > limit ? runs[limit - 1].Id : null)));
    }

    private async Task ShowAsync(HttpContext context, OrchestrationId id) =>
        await ApiJson.SendAsync(context, JsonBytes.FromTrusted(RunList.ToJson(await service.SummarizeAsync(id, context.RequestAborted))));

    private async Task ChangeAsync(HttpContext context, Func<OrchestrationId, JsonElement, Task> change)
    {
        var id = service.Resolve(context);
        await change(id, await ApiJson.ReadAsync(context));
        await ShowAsync(context, id);
    }
}
