using System.Globalization;
using Akka.Actor;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;

namespace Orchestration.Actors.Tests.Support;

/// <summary>An OpenWhisk in virtual time that throttles as the platform does: per clock minute, rejected calls counted, and by activations in flight.</summary>
internal sealed class LimitedWhisk(IScheduler clock, int perMinute, int concurrent, TimeSpan duration) : IActionInvoker
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, (int Accepted, int Rejected)> _minutes = [];
    private int _inFlight;

    /// <summary>Whether it answers a question for its limits.</summary>
    public bool TellsLimits { get; init; } = true;

    /// <summary>What it says when it throttles: without numbers, as clusters with the scheduler do, or with them.</summary>
    public bool NamesLimits { get; init; } = true;

    public int MostInFlight { get; private set; }

    /// <summary>Accepted and rejected calls by clock minute.</summary>
    public IReadOnlyList<(int Accepted, int Rejected)> Minutes
    {
        get
        {
            lock (_gate)
                return [.. _minutes.Values];
        }
    }

    public Task<InvokeReply> InvokeAsync(InvokeRequest request, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var minute = clock.Now.UtcTicks / TimeSpan.TicksPerMinute;
            var (accepted, rejected) = _minutes.GetValueOrDefault(minute);
            var tooMany = accepted + rejected + 1 > perMinute ? PushbackKind.PerMinute : _inFlight >= concurrent ? PushbackKind.Concurrency : (PushbackKind?)null;
            _minutes[minute] = tooMany is null ? (accepted + 1, rejected) : (accepted, rejected + 1);
            if (tooMany is { } kind)
                return Task.FromResult<InvokeReply>(Refusal(kind));
            MostInFlight = Math.Max(MostInFlight, ++_inFlight);
        }

        var done = new TaskCompletionSource<InvokeReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        clock.Advanced.ScheduleOnce(duration, () =>
        {
            lock (_gate)
                _inFlight--;
            done.SetResult(ScriptedInvoker.Succeeded(request.Parameters));
        });
        return done.Task;
    }

    public Task<InvokeReply> GetActivationAsync(InvokeRequest request, string activationId, CancellationToken cancellation) => throw new NotSupportedException("Everything is answered at once.");

    public Task<TimeSpan> GetTimeLimitAsync(string actionName, CancellationToken cancellation) => Task.FromResult(TimeSpan.FromMinutes(1));

    public Task<NamespaceLimits> GetLimitsAsync(CancellationToken cancellation) =>
        Task.FromResult(TellsLimits ? new NamespaceLimits(perMinute, concurrent) : NamespaceLimits.None);

    private InvokeReply.Failed Refusal(PushbackKind kind)
    {
        var limit = kind == PushbackKind.PerMinute ? perMinute : concurrent;
        var failure = new Core.Retries.Failure("429", string.Create(CultureInfo.InvariantCulture, $"throttled ({kind}: {limit})"));
        return new InvokeReply.Failed(null, null, AttemptOutcome.Throttled, failure, ObjectReport.None) { Pushback = new Pushback(kind, NamesLimits ? limit : null) };
    }
}
