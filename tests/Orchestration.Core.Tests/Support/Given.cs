using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;

namespace Orchestration.Core.Tests.Support;

/// <summary>Values that tests start from.</summary>
internal static class Given
{
    public static readonly DateTimeOffset T0 = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    public static readonly OrchestrationId Id = OrchestrationId.Parse("65e5560f0000000000000001");

    public static readonly ActionId FirstId = ActionId.Parse("65e5560f00000000000000a0");

    public static readonly Platform Platform = new("local", "_", "file:objects");

    /// <summary>No jitter and a delay of a second, so that due times can be read off.</summary>
    public static readonly RetryPolicy Plain = new() { Backoff = BackoffKind.Fixed, Jitter = false };

    public static DateTimeOffset At(double seconds) => T0.AddSeconds(seconds);

    public static Start Start(DateTimeOffset time, PipelineDefinition? pipeline = null, string name = "demo", string owner = "here/1") =>
        new(time, Id, name, Platform, pipeline, JsonBytes.Null, owner);

    public static PipelineDefinition Pipeline(params string[] steps) => new("workflow", "name: demo", JsonBytes.EmptyObject, [.. steps]);

    public static ActionSpec Action(string name = "echo", string parameters = "{}") => new(name, JsonBytes.Parse(parameters));

    public static BatchSpec Batch(string key, int count, int? parallelism = null, RetryPolicy? retry = null) =>
        new(key, [.. Enumerable.Range(0, count).Select(i => Action("echo", $"{{\"i\":{i}}}"))], new BatchOptions(parallelism, retry ?? Plain, Writers.Single));

    public static AddBatch Add(DateTimeOffset time, BatchSpec batch, bool fromPipeline = false, ActionId? firstId = null) =>
        new(time, batch, firstId ?? FirstId, fromPipeline);

    public static AttemptRef Attempt(int index = 0, int number = 1, int batch = 0) => new(batch, index, number);

    public static InvokeReply.Succeeded Success(string result = "{}", string? activationId = null, ActivationTiming? timing = null, ObjectReport? objects = null) =>
        new(activationId, timing, JsonBytes.Parse(result), objects ?? ObjectReport.None);

    public static InvokeReply.Failed Failure(AttemptOutcome outcome = AttemptOutcome.ApplicationError, string? code = null, string message = "no") =>
        new(null, null, outcome, new Failure(code, message), ObjectReport.None);

    public static ObjectReport Objects(ImmutableArray<ObjectAccess>? reads = null, ImmutableArray<ObjectAccess>? writes = null, ImmutableArray<ObjectAccess>? missing = null) =>
        new(reads ?? [], writes ?? [], missing ?? []);

    public static ObjectAccess Access(string name, long size, double seconds) => new(ObjectKey.Parse(name), size, null, At(seconds));
}
