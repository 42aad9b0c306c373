using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Ports;
using Orchestration.Core.Reports;
using Orchestration.Host.Running;
using Orchestration.Host.Stored;

namespace Orchestration.Host.Api;

/// <summary>The routes of <c>/v1</c>; <c>docs/api.md</c> describes them.</summary>
/// <param name="service">What they do.</param>
/// <param name="stopping">Cancelled when the process ends.</param>
internal sealed class RunRoutes(RunService service, CancellationToken stopping)
{
    private const int DefaultLimit = 100;

    public void Map(IEndpointRouteBuilder routes)
    {
        var runs = routes.MapGroup("/v1/orchestrations");
        routes.MapGet("/v1/info", (RequestDelegate)InfoAsync);
        runs.MapPost("", (RequestDelegate)StartAsync);
        runs.MapGet("", (RequestDelegate)ListAsync);
        runs.MapGet("/{id}", context => ShowAsync(context, Id(context)));
        runs.MapGet("/{id}/report", context => ApiJson.SendAsync(context, JsonBytes.FromTrusted(ReportJson.ToUtf8(service.ReadReport(Id(context))))));
        runs.MapGet("/{id}/eta", context => EstimateAsync(context, Id(context)));
        runs.MapGet("/{id}/events", context => new EventStream(service, stopping).SendAsync(context, Id(context)));
        runs.MapPost("/{id}/cancel", context => ChangeAsync(context, (id, body) => service.CancelAsync(id, body.Text("reason") ?? "It was cancelled through the API.", context.RequestAborted)));
        runs.MapPost("/{id}/fail", context => ChangeAsync(context, (id, body) => service.FailAsync(
            id, body.Text("code"), body.Text("message") ?? throw new FormatException("'message' is missing; it says why the run has failed."), context.RequestAborted)));
        runs.MapPost("/{id}/resume", context => ChangeAsync(context, (id, _) => service.ResumeAsync(id, context.RequestAborted)));
        runs.MapPost("/{id}/retry", context => ChangeAsync(context, (id, body) => service.RetryAsync(id, body.Text("step"), context.RequestAborted)));
        runs.MapPost("/{id}/complete", context => ChangeAsync(context, (id, body) => service.CompleteAsync(
            id, body.Member("output") is { } output ? JsonBytes.From(output) : JsonBytes.Null, body.Member("abandoned") is { ValueKind: JsonValueKind.True }, context.RequestAborted)));
        runs.MapGet("/{id}/logs", async context => await ApiJson.SendAsync(context, AttemptLogs.ToJson(await service.ReadLogsAsync(Id(context), Value(context.Request.Query, "action"), context.RequestAborted))));
    }

    private Task InfoAsync(HttpContext context) => ApiJson.SendAsync(context, JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("pid", Environment.ProcessId);
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
        writer.WriteEndObject();
    }));

    private async Task StartAsync(HttpContext context)
    {
        var (id, deployed) = await service.StartAsync(StartBody.Read(await ApiJson.ReadAsync(context)), context.RequestAborted);
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
        var limit = DefaultLimit;
        if (query.TryGetValue("limit", out var text) && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit > 0))
            throw new FormatException("'limit' takes a number from 1 up.");
        var status = Value(query, "status");
        if (status is not null && !RunList.Statuses.Contains(status))
            throw new FormatException($"'status' is '{status}', and takes one of {string.Join(", ", RunList.Statuses)}.");
        var runs = await service.ListAsync(new RunQuery(Name: Value(query, "name"), Status: status, Limit: limit), context.RequestAborted);
        await ApiJson.SendAsync(context, JsonBytes.FromTrusted(RunList.ToJson(runs)));
    }

    private async Task ShowAsync(HttpContext context, OrchestrationId id) =>
        await ApiJson.SendAsync(context, JsonBytes.FromTrusted(RunList.ToJson(await service.SummarizeAsync(id, context.RequestAborted))));

    private async Task EstimateAsync(HttpContext context, OrchestrationId id)
    {
        var estimate = await service.EstimateAsync(id, context.RequestAborted);
        await ApiJson.SendAsync(context, JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            Write(writer, "seconds", estimate?.Seconds);
            Write(writer, "reach", estimate?.Reach);
            writer.WriteNumber("runs", estimate?.Runs ?? 0);
            writer.WriteEndObject();
        }));
    }

    private static void Write(Utf8JsonWriter writer, string name, double? number)
    {
        if (number is { } value)
            writer.WriteNumber(name, Math.Round(value, 3));
        else
            writer.WriteNull(name);
    }

    private async Task ChangeAsync(HttpContext context, Func<OrchestrationId, JsonElement, Task> change)
    {
        var id = Id(context);
        await change(id, await ApiJson.ReadAsync(context));
        await ShowAsync(context, id);
    }

    private OrchestrationId Id(HttpContext context) => service.Resolve((string)context.Request.RouteValues["id"]!);

    private static string? Value(IQueryCollection query, string name) => query.TryGetValue(name, out var value) && value.Count == 1 ? value.ToString() : null;
}
