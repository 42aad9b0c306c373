using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Serialization;

namespace Orchestration.Host.Api.Runs;

/// <summary>
/// What is stored of a run, as server-sent events while it goes on (<c>text/event-stream</c> of the HTML standard): a <c>commit</c> for each stored row,
/// its sequence number as the event's id, and one <c>end</c> with the status. A client that lost the connection names the last id that it has seen in
/// <c>Last-Event-ID</c> and gets what follows.
/// </summary>
/// <param name="service">The runs.</param>
/// <param name="stopping">Cancelled when the process ends: streams end without an <c>end</c> then.</param>
internal sealed class EventStream(RunService service, CancellationToken stopping)
{
    public async Task SendAsync(HttpContext context, OrchestrationId id)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, context.RequestAborted);
        try
        {
            await SendAsync(context, id, ending.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The client sees that the end is missing and asks whoever works on the run next.
        }
    }

    private async Task SendAsync(HttpContext context, OrchestrationId id, CancellationToken cancellation)
    {
        var after = After(context.Request);
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        await response.StartAsync(cancellation);
        await response.Body.FlushAsync(cancellation);
        var last = after;
        await foreach (var row in service.FollowAsync(id, after, cancellation))
        {
            await SendAsync(response, row, cancellation);
            last = row.SequenceNr;
        }
        var status = service.StatusOf(id, service.ReadReport(id).Status);
        await response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"id: {last}\nevent: end\ndata: {{\"status\":\"{status}\"}}\n\n"), cancellation);
    }

    private static async Task SendAsync(HttpResponse response, StoredCommit row, CancellationToken cancellation)
    {
        await response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"id: {row.SequenceNr}\nevent: commit\ndata: "), cancellation);
        await response.Body.WriteAsync(FactJson.Write(row.Commit), cancellation);
        await response.WriteAsync("\n\n", Encoding.UTF8, cancellation);
        await response.Body.FlushAsync(cancellation);
    }

    private static long After(HttpRequest request) =>
        request.Headers.TryGetValue("Last-Event-ID", out var header) && header.Count > 0
            ? long.TryParse(header.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException("'Last-Event-ID' takes the id of an event, a number.")
            : 0;
}
