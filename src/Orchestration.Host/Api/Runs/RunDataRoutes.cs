using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestration.Core.Json;
using Orchestration.Core.Reports;
using Orchestration.Core.Serialization;
using Orchestration.Host.Reports;
using Orchestration.Host.Running;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;
using Orchestration.Workflows.Reading;

namespace Orchestration.Host.Api.Runs;

/// <summary>The routes that tell what a run did; <c>docs/api.md</c> describes them.</summary>
/// <param name="service">The runs.</param>
/// <param name="stopping">Cancelled when the process ends.</param>
internal sealed class RunDataRoutes(RunService service, CancellationToken stopping)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        var run = routes.MapGroup("/v1/orchestrations/{id}");
        run.MapGet("/report", (RequestDelegate)ReportAsync);
        run.MapGet("/actions", (RequestDelegate)ActionsAsync);
        run.MapGet("/objects", (RequestDelegate)ObjectsAsync);
        run.MapGet("/history", (RequestDelegate)HistoryAsync);
        run.MapGet("/eta", (RequestDelegate)EstimateAsync);
        run.MapGet("/events", context => new EventStream(service, stopping).SendAsync(context, service.Resolve(context)));
        run.MapGet("/logs", async context => await ApiJson.SendAsync(context, AttemptLogs.ToJson(await service.ReadLogsAsync(service.Resolve(context), context.Request.Query.Text("action"), context.RequestAborted))));
    }

    private async Task ReportAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var report = service.ReadReport(service.Resolve(context));
        if (!query.Flag("bodies", true))
            report = report.WithoutBodies();
        if (query.Choice("format", ["json", "text"]) != "text")
        {
            await ApiJson.SendAsync(context, JsonBytes.FromTrusted(ReportJson.ToUtf8(report)));
            return;
        }
        await using var text = new StringWriter(CultureInfo.InvariantCulture);
        new ReportTables(new Terminal(text, text, verbose: false), service.Environment.Storage).Print(report);
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(text.ToString(), Encoding.UTF8, context.RequestAborted);
    }

    private async Task ActionsAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var (limit, status, step) = (query.Limit(), query.Choice("status", ActionStatuses.Names), query.Text("step"));
        var after = query.Text("cursor") is not { } cursor ? 0
            : int.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new FormatException("'cursor' takes what came as 'next'.");
        var report = service.ReadReport(service.Resolve(context));
        if (!query.Flag("bodies", true))
            report = report.WithoutBodies();
        var steps = report.Steps.Select(s => s.Id).ToList();
        if (step is not null && !steps.Contains(step))
            throw new ApiException(404, "NO_STEP", $"The run has no step '{step}'{NearestName.SuggestOrStop(step, steps)} Steps: {NearestName.List(steps, "none")}.");
        var found = report.Actions.Select((action, i) => (Action: action, Number: i + 1)).Skip(after)
            .Where(a => (status is null || ActionStatuses.Of(a.Action) == status) && (step is null || a.Action.Step == step)).Take(limit + 1).ToList();
        await ApiJson.SendAsync(context, JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("actions");
            foreach (var (action, _) in found.Take(limit))
                ReportJson.Write(writer, action);
            writer.WriteEndArray();
            writer.WriteString("next", found.Count > limit ? found[limit - 1].Number.ToString(CultureInfo.InvariantCulture) : null);
            writer.WriteEndObject();
        }));
    }

    private async Task ObjectsAsync(HttpContext context)
    {
        var report = service.ReadReport(service.Resolve(context));
        await ApiJson.SendAsync(context, JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("objects");
            foreach (var used in report.Objects)
                ReportJson.Write(writer, used);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }));
    }

    private async Task HistoryAsync(HttpContext context)
    {
        var id = service.Resolve(context);
        using var runs = new StoredRuns(service.Environment.Storage);
        var history = runs.ReadHistory(id, context.Request.Query.Text("limit") is null ? int.MaxValue : context.Request.Query.Limit());
        await ApiJson.SendAsync(context, JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("rows");
            foreach (var row in history.Rows)
            {
                writer.WriteStartObject();
                writer.WriteNumber("sequenceNr", row.SequenceNr);
                writer.WriteJson("commit", JsonBytes.FromTrusted(FactJson.Write(row.Commit)));
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            if (history.Recorded is { } recorded)
                writer.WriteJson("recorded", JsonBytes.FromTrusted(FactJson.Write(recorded)));
            if (history.Figures is { } figures)
            {
                writer.WritePropertyName("figures");
                RecordedJson.Write(writer, figures);
            }
            // Who works on it here is known better than the storage knows.
            writer.WriteString("owner", service.Active.Contains(id) ? $"owned by process {Environment.ProcessId} of {Environment.MachineName}" : runs.OwnerOf(id));
            writer.WriteEndObject();
        }));
    }

    private async Task EstimateAsync(HttpContext context)
    {
        var estimate = await service.EstimateAsync(service.Resolve(context), context.RequestAborted);
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
}
