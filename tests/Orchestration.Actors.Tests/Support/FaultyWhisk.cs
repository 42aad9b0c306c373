using System.Collections.Concurrent;
using Akka.Actor;
using Orchestration.Core.Facts;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;

namespace Orchestration.Actors.Tests.Support;

/// <summary>
/// An OpenWhisk in virtual time with the faults of <c>dev --fault</c>, as the client reports them: what each answer becomes is held by the client's own tests.
/// </summary>
internal sealed class FaultyWhisk(IScheduler clock, string fault, int percent) : IActionInvoker
{
    private static readonly TimeSpan Duration = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Random _draws = new(1);
    private readonly ConcurrentDictionary<string, (DateTimeOffset Visible, InvokeReply End)> _records = new();
    private DateTimeOffset _burstUntil;
    private int _ids;

    /// <summary>How often the fault struck.</summary>
    public int Struck { get; private set; }

    /// <summary>POSTs by action and attempt.</summary>
    public ConcurrentDictionary<(string Action, int Attempt), int> Posts { get; } = new();

    public Task<InvokeReply> InvokeAsync(InvokeRequest request, CancellationToken cancellation)
    {
        Posts.AddOrUpdate((request.ActionId.Value, request.Attempt), 1, (_, n) => n + 1);
        var id = $"a{Interlocked.Increment(ref _ids)}";
        var end = new InvokeReply.Succeeded(id, new ActivationTiming(clock.Now, clock.Now + Duration), request.Parameters, ObjectReport.None);
        if (Turned() is { } refusal)
            return Task.FromResult<InvokeReply>(refusal);
        var strikes = Strikes();
        switch (fault)
        {
            case "drop-record" when strikes:
                return Task.FromResult<InvokeReply>(new InvokeReply.Accepted(id));
            case "delay-record" when strikes:
                _records[id] = (clock.Now + Duration + Late, end);
                return Task.FromResult<InvokeReply>(new InvokeReply.Accepted(id));
            case "force-202" when strikes:
                _records[id] = (clock.Now + Duration, end);
                return Task.FromResult<InvokeReply>(new InvokeReply.Accepted(id));
            case "error-500" or "html-502" or "reset-before" or "reset-after" when strikes:
                return After(Duration, Failed(AttemptOutcome.Unknown, fault));
            case "error-503" when strikes:
                return Task.FromResult<InvokeReply>(Failed(AttemptOutcome.Unavailable, fault) with { Pushback = new Pushback(PushbackKind.Unavailable) });
            case "slow" when strikes:
                return After(Duration + Late, end);
            default:
                return After(Duration, end);
        }
    }

    public Task<InvokeReply> GetActivationAsync(InvokeRequest request, string activationId, CancellationToken cancellation) => Task.FromResult(
        _records.TryGetValue(activationId, out var record) && record.Visible <= clock.Now ? record.End : new InvokeReply.Accepted(activationId));

    public Task<TimeSpan> GetTimeLimitAsync(string actionName, CancellationToken cancellation) => Task.FromResult(TimeSpan.FromMinutes(1));

    private InvokeReply.Failed? Turned()
    {
        if (fault != "burst-429")
            return null;
        lock (_gate)
        {
            if (clock.Now >= _burstUntil && !Strikes())
                return null;
            _burstUntil = clock.Now >= _burstUntil ? clock.Now + TimeSpan.FromSeconds(1) : _burstUntil;
            return Failed(AttemptOutcome.Throttled, fault) with { Pushback = new Pushback(PushbackKind.Unspecified) };
        }
    }

    private bool Strikes()
    {
        lock (_gate)
        {
            var strikes = _draws.Next(100) < percent;
            Struck += strikes ? 1 : 0;
            return strikes;
        }
    }

    private Task<InvokeReply> After(TimeSpan delay, InvokeReply reply)
    {
        var done = new TaskCompletionSource<InvokeReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        clock.Advanced.ScheduleOnce(delay, () => done.SetResult(reply));
        return done.Task;
    }

    private static InvokeReply.Failed Failed(AttemptOutcome outcome, string message) => new(null, null, outcome, new Core.Retries.Failure(message, message), ObjectReport.None);
}
