using System.Collections.Immutable;
using System.Text.Json;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Retries;

namespace Orchestration.Core.Serialization;

/// <summary>Reads what <see cref="FactWriter"/> wrote.</summary>
internal static class FactReader
{
    public static Fact Read(JsonElement json)
    {
        var time = json.Time("time");
        return json.Text("t") switch
        {
            "orchestrationStarted" => new OrchestrationStarted(time, OrchestrationId.Parse(json.Text("id")), json.Text("name"),
                new Platform(json.Text("apiHost"), json.Text("namespace"), json.Text("objectStore")),
                json.TryGetProperty("pipeline", out var pipeline) ? ReadPipeline(pipeline) : null, json.Json("clientData")),
            "resumed" => new Resumed(time, json.Text("owner"), json.Int("epoch")),
            "actionsAdded" => new ActionsAdded(time, json.Int("batch"), json.Int("firstIndex"), ActionId.Parse(json.Text("firstId")),
                [.. json.GetProperty("actions").EnumerateArray().Select(SpecJson.ReadSpec)]),
            "batchSealed" => new BatchSealed(time, json.Int("batch"), json.Text("key"), json.Text("hash"), json.Int("count"),
                SpecJson.ReadOptions(json.GetProperty("options")))
            { Source = SpecJson.ReadSource(json), Recovery = json.Flag("recovery") },
            "attemptStarted" => new AttemptStarted(time, json.Int("batch"), json.Int("index"), ActionId.Parse(json.Text("actionId")),
                json.Int("attempt"), json.SpanOrNull("queued") ?? TimeSpan.Zero)
            { Fencing = SpecJson.ReadFencing(json), WaitedForGrant = json.SpanOrNull("waitedForGrant") ?? TimeSpan.Zero },
            "activationAccepted" => new ActivationAccepted(time, json.Int("batch"), json.Int("index"), json.Int("attempt"), json.Text("activationId")),
            "attemptSucceeded" => new AttemptSucceeded(time, json.Int("batch"), json.Int("index"), json.Int("attempt"),
                json.TextOrNull("activationId"), ReadTiming(json), json.Json("result"), ReadObjects(json)),
            "attemptFailed" => new AttemptFailed(time, json.Int("batch"), json.Int("index"), json.Int("attempt"),
                json.TextOrNull("activationId"), ReadTiming(json), SpecJson.Outcome(json.Text("outcome")), ReadFailure(json),
                ReadObjects(json), json.TimeOrNull("retryAt"), json.Flag("usedRetry"))
            { Lost = json.Texts("lost", ObjectKey.Parse) },
            "inputsPlanned" => new InputsPlanned(time, json.Int("batch"), json.Int("index"), SpecJson.ReadPlaces(json, "after")),
            "rerunGranted" => new RerunGranted(time, json.Int("batch"), json.Int("index")),
            "madeElsewhere" => new MadeElsewhere(time, json.Int("batch"), json.Int("index"), json.TextOrNull("by") is { } by ? OrchestrationId.Parse(by) : null),
            "inputsLost" => new InputsLost(time, json.Int("batch"), json.Int("index"), ReadFailure(json)),
            "objectsChanged" => new ObjectsChanged(time, json.Texts("objects", ObjectKey.Parse)),
            "changePlanned" => new ChangePlanned(time, json.Texts("objects", ObjectKey.Parse)),
            "lateOutcome" => new LateOutcome(time, json.Int("batch"), json.Int("index"), json.Int("attempt"),
                json.TextOrNull("activationId"), SpecJson.Outcome(json.Text("outcome"))),
            "actionsClosed" => new ActionsClosed(time, json.Int("batch"), ReadRanges(json), ReadFailure(json)),
            "actionsReopened" => new ActionsReopened(time, json.Int("batch"), ReadRanges(json)),
            "orchestrationReopened" => new OrchestrationReopened(time),
            "resultsCollected" => new ResultsCollected(time, json.Int("batch"), ObjectKey.Parse(json.Text("object")), json.GetProperty("size").GetInt64(), json.TextOrNull("etag")),
            "stepSkipped" => new StepSkipped(time, json.Text("step"), json.Text("reason")),
            "batchEnded" => new BatchEnded(time, json.Int("batch")),
            "orchestrationCompleted" => new OrchestrationCompleted(time, json.Json("output")),
            "orchestrationFailed" => new OrchestrationFailed(time, ReadFailure(json), json.TextOrNull("step")),
            "orchestrationCancelled" => new OrchestrationCancelled(time, json.Text("reason")),
            var type => throw new FormatException($"'{type}' is no fact known to this version; the data was written by a newer one."),
        };
    }

    public static Failure ReadFailure(JsonElement json)
    {
        var failure = json.GetProperty("failure");
        return new Failure(failure.TextOrNull("code"), failure.Text("message"), failure.JsonOrNull("raw"));
    }

    private static ImmutableArray<IndexRange> ReadRanges(JsonElement json) =>
        [.. json.GetProperty("ranges").EnumerateArray().Select(r => new IndexRange(r[0].GetInt32(), r[1].GetInt32()))];

    private static ActivationTiming? ReadTiming(JsonElement json) =>
        json.TimeOrNull("start") is { } start ? new ActivationTiming(start, json.Time("end")) : null;

    private static PipelineDefinition ReadPipeline(JsonElement json) =>
        new(json.Text("kind"), json.Text("source"), json.Json("parameters"), json.Texts("steps", s => s));

    private static ObjectReport ReadObjects(JsonElement json) => json.TryGetProperty("objects", out var objects)
        ? new ObjectReport(ReadAccesses(objects, "reads"), ReadAccesses(objects, "writes"), ReadAccesses(objects, "missing"))
        : ObjectReport.None;

    private static ImmutableArray<ObjectAccess> ReadAccesses(JsonElement json, string name) => json.TryGetProperty(name, out var accesses)
        ? [.. accesses.EnumerateArray().Select(a => new ObjectAccess(ObjectKey.Parse(a.Text("object")), a.GetProperty("size").GetInt64(), a.TextOrNull("etag"), a.Time("time")))]
        : [];
}
