using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Reports;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;

namespace Orchestration.Host.Api.Objects;

/// <summary>The route that tells of an object, over all runs; <c>docs/api.md</c> describes it.</summary>
/// <param name="storage">The runs.</param>
internal sealed class ObjectRoutes(RunStorage storage)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/objects/{bucket}/{**key}", (RequestDelegate)ShowAsync);

    private async Task ShowAsync(HttpContext context)
    {
        var text = $"{context.Request.RouteValues["bucket"]}/{context.Request.RouteValues["key"]}";
        var key = ObjectKey.TryParse(text, out var parsed) ? parsed : throw new FormatException($"'{text}' names no object: it takes bucket/key, such as input-video/clip.mp4.");
        using var runs = new StoredRuns(storage);
        var writers = await runs.FindWritersAsync([key], context.RequestAborted);
        if (!writers.TryGetValue(key, out var writer))
            throw new ApiException(404, "NO_WRITER", $"No run that is stored here has written {key}. What wrote it may have been pruned, or it was put there from outside.");
        var usage = runs.ReadReport(writer.Orchestration).Objects.FirstOrDefault(o => o.Object == key);
        await ApiJson.SendAsync(context, JsonBytes.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("orchId", writer.Orchestration.Value);
            json.WritePropertyName("usage");
            if (usage is null)
                json.WriteNullValue();
            else
                ReportJson.Write(json, usage);
            json.WriteEndObject();
        }));
    }
}
