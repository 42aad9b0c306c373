using System.Diagnostics.Metrics;
using Orchestration.Core.Facts;
using Orchestration.Core.Ports;
using Orchestration.Core.Scheduling;

namespace Orchestration.Actors.Namespaces;

/// <summary>The metrics of one namespace's pacing, on the meter <c>Orchestration</c>.</summary>
internal sealed class PacingMeter : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _turnedAway;

    public PacingMeter(Platform platform, Func<PacingSnapshot> look)
    {
        _meter = new Meter(new MeterOptions("Orchestration") { Tags = [new("openwhisk", platform.ApiHost), new("namespace", platform.Namespace)] });
        _turnedAway = _meter.CreateCounter<long>("orchestration.openwhisk.turned_away", "{invocation}", "Invocations that OpenWhisk turned away, by limit.");
        _meter.CreateObservableGauge("orchestration.pacing.in_flight", () => look().InFlight, "{activation}", "Slots that are out.");
        _meter.CreateObservableGauge("orchestration.pacing.window", () => look().Window, "{activation}", "How many slots may be out.");
        _meter.CreateObservableGauge("orchestration.pacing.waiting", () => look().Waiting, "{orchestration}", "Orchestrations that wait for slots.");
        _meter.CreateObservableGauge("orchestration.pacing.sent_this_minute", () => look().SentThisMinute, "{invocation}", "Invocations sent in the current clock minute.");
        _meter.CreateObservableGauge("orchestration.pacing.per_minute", () => look().PerMinute is { } most ? [new Measurement<int>(most)] : Array.Empty<Measurement<int>>(),
            "{invocation}", "How many invocations a minute are sent at most; no value without a bound.");
    }

    public void TurnedAway(PushbackKind by) => _turnedAway.Add(1, new KeyValuePair<string, object?>("by", by switch
    {
        PushbackKind.PerMinute => "per_minute",
        PushbackKind.Concurrency => "concurrency",
        PushbackKind.Unspecified => "unspecified",
        _ => "unavailable",
    }));

    public void Dispose() => _meter.Dispose();
}
