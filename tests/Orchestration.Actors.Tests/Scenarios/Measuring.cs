using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Orchestration.Actors.Telemetry;
using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Json;
using Orchestration.Core.Retries;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>The traces and metrics that an application sees which listens to <see cref="OrchestrationTelemetry.Name"/>.</summary>
public sealed class Measuring : OrchestrationScenario
{
    [Fact]
    public async Task Spans_of_an_orchestration_are_one_trace_down_to_the_requests()
    {
        var spans = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == OrchestrationTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        var current = new ConcurrentBag<string?>();
        Invoker.OnInvoke = r =>
        {
            current.Add(Activity.Current?.SpanId.ToHexString());
            return Task.FromResult(r.Name == "bad" ? ScriptedInvoker.Failed(message: "a secret word") : ScriptedInvoker.Succeeded(JsonBytes.Null, "a1b2"));
        };
        var run = await StartAsync();
        await run.MakeActionsAsync(Batch("one", RetryPolicy.Default with { Retries = 0 }, Echo(1), new("bad", JsonBytes.EmptyObject)), Soon);
        await Client.CompleteAsync(run.Id, JsonBytes.Null, Soon);

        var traceId = run.Id.Value + "00000000";
        await UntilAsync(() => spans.Count(s => s.TraceId.ToHexString() == traceId) == 4);
        var own = spans.Where(s => s.TraceId.ToHexString() == traceId).ToDictionary(s => s.DisplayName);
        Assert.Equal(["attempt bad", "attempt echo", "batch one", "orchestration test"], own.Keys.Order());
        Assert.Equal(own["orchestration test"].SpanId, own["batch one"].ParentSpanId);
        Assert.Equal(own["batch one"].SpanId, own["attempt echo"].ParentSpanId);
        Assert.Equal(new[] { own["attempt echo"], own["attempt bad"] }.Select(s => s.SpanId.ToHexString()).Order(), current.Order());
        Assert.Equal("a1b2", own["attempt echo"].GetTagItem("openwhisk.activation.id"));
        Assert.Equal((ActivityStatusCode.Error, ActivityStatusCode.Unset), (own["attempt bad"].Status, own["attempt echo"].Status));
        Assert.DoesNotContain(own.Values, s => s.StatusDescription?.Contains("secret", StringComparison.Ordinal) == true);
        Assert.Null(Activity.Current);
    }

    [Fact]
    public async Task Runs_and_attempts_are_counted_by_outcome()
    {
        var counts = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => { if (instrument.Meter.Name == OrchestrationTelemetry.Name && instrument.Meter.Tags!.Any(t => Equals(t.Value, Here.ApiHost))) l.EnableMeasurementEvents(instrument, null); } };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var name = instrument.Name + string.Concat(tags.ToArray().Select(t => $" {t.Value}"));
            counts.AddOrUpdate(name, value, (_, old) => old + value);
        });
        listener.Start();
        Invoker.OnInvoke = r => Task.FromResult(r.Name == "counted-bad" ? ScriptedInvoker.Failed() : ScriptedInvoker.Succeeded(JsonBytes.Null));
        var run = await StartAsync();
        await run.MakeActionsAsync(Batch("one", RetryPolicy.Default with { Retries = 0 }, new("counted", JsonBytes.EmptyObject), new("counted", JsonBytes.EmptyObject), new("counted-bad", JsonBytes.EmptyObject)), Soon);
        await Client.CompleteAsync(run.Id, JsonBytes.Null, Soon);

        await UntilAsync(() => counts.GetValueOrDefault("orchestration.runs.ended completed") > 0);
        Assert.Equal((2, 1), (counts.GetValueOrDefault("orchestration.attempts counted success"), counts.Single(c => c.Key.StartsWith("orchestration.attempts counted-bad", StringComparison.Ordinal)).Value));
        Assert.True(counts["orchestration.runs.started"] > 0);
        Assert.True(counts["orchestration.rows"] >= 3);
    }
}
