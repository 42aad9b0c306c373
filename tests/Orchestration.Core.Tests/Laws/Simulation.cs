using Orchestration.Core.Actions;
using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Recovery;
using Orchestration.Core.Retries;
using Orchestration.Core.Serialization;
using Orchestration.Core.State;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Laws;

/// <summary>
/// An orchestrator, its actors and the platform in a few lines: commands gather and are stored as one row, attempts run only for stored facts,
/// the process may die at any time. Checks the laws of state and facts after every step.
/// </summary>
internal sealed partial class Simulation
{
    private static readonly AttemptOutcome[] Failures =
        [.. AttemptOutcomes.Selectable, AttemptOutcome.Throttled, AttemptOutcome.Unavailable, AttemptOutcome.Rejected, AttemptOutcome.ApplicationError];

    private readonly Tape _tape;
    private readonly RecoveryPolicy _policy;
    private readonly List<Fact> _gathered = [];
    private readonly Dictionary<AttemptRef, string?> _running = [];
    private readonly List<AttemptRef> _past = [];
    private OrchestrationState _working = OrchestrationState.Empty;
    private DateTimeOffset _now = Given.T0;
    private int _activations;
    private int _batches;

    public Simulation(Tape tape)
    {
        _tape = tape;
        _policy = new RecoveryPolicy(1 + _tape.Next(3), 4, 20, (OnChange)_tape.Next(3));
        Do(Given.Start(_now));
        Store();
    }

    /// <summary>State as stored; what has gathered is not in it.</summary>
    public OrchestrationState State { get; private set; } = OrchestrationState.Empty;

    public List<Commit> Log { get; } = [];

    public FactLaws Laws { get; } = new();

    public int AttemptsUnderWay => _running.Count;

    /// <summary>Does what the tape says to its end.</summary>
    public void Play(bool mayEnd)
    {
        while (!_tape.Ended)
            Step(mayEnd);
        Store();
    }

    /// <summary>Ends it from outside, by a cancel or a failure.</summary>
    public void End(bool cancel)
    {
        Do(cancel ? new Cancel(_now, "enough") : new Fail(_now, new Failure("E", "no"), null));
        Store();
        _running.Clear();
    }

    /// <summary>Lets outcomes keep coming until nothing is left to do.</summary>
    /// <returns>How many rounds it took.</returns>
    public int Drain(Random random, int limit)
    {
        Store();
        for (var round = 0; round < limit; round++)
        {
            PlanRecovery();
            Do(new CloseBatches(_now));
            Do(new StartAttempts(_now, 1000) { Grants = Grants(always: true) });
            Store();
            var startable = State.Startable(_now, grants: Grants(always: true));
            if (_running.Count == 0 && startable == 0 && State.NextDue(_now) is { } due)
                _now = due;
            else if (_running.Count == 0 && startable == 0 && State.Reruns.IsEmpty)
                return round;
            foreach (var attempt in _running.Keys.OrderBy(_ => random.Next()).ToList())
                End(attempt, random.Next(100) switch
                {
                    < 50 => Given.Success(),
                    < 60 => Misses(random.Next(Names)),
                    _ => Given.Failure(Failures[random.Next(Failures.Length)]),
                }, random.NextDouble());
            Store();
        }

        return limit;
    }

    /// <summary>Goes on with what has ended, where something can be retried.</summary>
    /// <returns>Whether it runs again.</returns>
    public bool Retry(string? step)
    {
        Do(new RetryFailed(_now, step, $"p/{_tape.Next(3)}", Given.Platform));
        Store();
        return !State.Ended;
    }

    private void Step(bool mayEnd)
    {
        if (_working.Ended && _tape.Chance(30))
        {
            Retry(_tape.Chance(50) ? $"b{_tape.Next(12)}" : null);
            return;
        }

        switch (_tape.Next(29))
        {
            case 0 or 1:
                Do(Given.Add(_now, Batch(), firstId: ActionId.Parse(ObjectIdText.Compose(_now, 7, (uint)_batches * 100))));
                break;
            case 2 or 3 or 4 or 5 or 6:
                Start(_tape.Next(6));
                break;
            case 7 or 8:
                if (Running(awaited: false) is { } accepted)
                    Accept(accepted);
                break;
            case 9 or 10 or 11 or 12 or 13:
                if (Running(null) is { } ended)
                    End(ended, Reply(), _tape.Fraction());
                break;
            case 14 or 15:
                RepeatAReport();
                break;
            case 16:
                if (Running(null) is { } crashed)
                    Crash(crashed);
                break;
            case 17:
                DieAndTakeOver();
                break;
            case 18 or 19:
                _now += TimeSpan.FromSeconds(_tape.Next(40) - 1);
                break;
            case 20:
                _now = State.NextDue(_now) ?? _now;
                break;
            case 21 when mayEnd && _tape.Chance(10):
                Do(_tape.Next(3) switch
                {
                    0 => new Cancel(_now, "enough"),
                    1 => new Fail(_now, new Failure("E", "no"), null),
                    _ => new Complete(_now, JsonBytes.Parse("[1]"), false),
                });
                break;
            case 22:
                Do(new CloseBatches(_now));
                break;
            case 23:
                Do(new SkipStep(_now, $"b{_tape.Next(12)}", "not wanted"));
                break;
            case 25 or 26 or 27:
                PlanRecovery();
                break;
            case 24:
                Do(new ReportCollected(_now, $"b{_tape.Next(12)}", new ObjectInfo(ObjectKey.Parse("out/all.jsonl"), _tape.Next(100), null, _now)));
                break;
            default:
                Store();
                break;
        }
    }

    private BatchSpec Batch()
    {
        _batches++;
        var shares = _tape.Chance(20);
        var actions = Enumerable.Range(0, _tape.Next(7)).Select(i => Given.Action($"a{i}") with { Retry = _tape.Chance(20) ? Policy() : null, Writes = shares ? SharedObjects() : [] });
        // A key may come twice, with the same batch or another one.
        return new BatchSpec($"b{_tape.Next(12)}", [.. actions], new BatchOptions(_tape.Chance(50) ? 1 + _tape.Next(3) : null, Policy(), Writers.Single)
        {
            FailFast = _tape.Chance(20),
            Timeout = _tape.Chance(20) ? TimeSpan.FromSeconds(5 + _tape.Next(60)) : null,
        });
    }

    private RetryPolicy Policy() => new()
    {
        Retries = _tape.Next(4),
        Backoff = (BackoffKind)_tape.Next(3),
        Initial = TimeSpan.FromSeconds(_tape.Next(5)),
        Factor = 1 + _tape.Next(4),
        Max = TimeSpan.FromSeconds(5 + _tape.Next(20)),
        Jitter = _tape.Chance(50),
        OverallTimeout = _tape.Chance(20) ? TimeSpan.FromSeconds(10 + _tape.Next(60)) : null,
    };

    private InvokeReply Reply()
    {
        if (_tape.Chance(60))
            return Given.Success($"{{\"n\":{_tape.Next(100)}}}", objects: Touches());
        if (_tape.Chance(30))
            return Misses(_tape.Next(Names));
        return Given.Failure(_tape.Pick(Failures), _tape.Chance(50) ? "E" : null);
    }

    private AttemptRef? Running(bool? awaited)
    {
        var running = _running.Where(r => awaited is null || r.Value is not null == awaited).Select(r => r.Key).Order(ByPlace).ToList();
        return running.Count == 0 ? null : _tape.Pick(running);
    }

    private static readonly Comparer<AttemptRef> ByPlace =
        Comparer<AttemptRef>.Create((a, b) => (a.Batch, a.Index, a.Number).CompareTo((b.Batch, b.Index, b.Number)));

    private void Start(int places)
    {
        AnswerClaims();
        var before = _gathered.Count;
        Do(new StartAttempts(_now, places) { Grants = Grants(always: false) });
        Assert.InRange(_gathered.Count - before, 0, places);
    }

    private void Accept(AttemptRef attempt)
    {
        _running[attempt] = $"act-{_activations++}";
        Do(new ReportAccepted(_now, attempt, _running[attempt]!));
    }

    private void End(AttemptRef attempt, InvokeReply reply, double random)
    {
        _running.Remove(attempt);
        _past.Add(attempt);
        Do(new ReportEnd(_now, attempt, reply, random) { Recovery = _policy });
    }

    private void Crash(AttemptRef attempt)
    {
        Do(new ReportCrash(_now, attempt, "boom"));
        if (_running[attempt] is not null)
            return;
        _running.Remove(attempt);
        _past.Add(attempt);
    }

    private void RepeatAReport()
    {
        if (_past.Count == 0)
            return;
        var attempt = _tape.Pick(_past);
        var before = StateText.Of(_working);
        Do(_tape.Next(3) switch
        {
            0 => new ReportAccepted(_now, attempt, "again"),
            1 => new ReportCrash(_now, attempt, "again"),
            _ => new ReportEnd(_now, attempt, Reply(), 0.5),
        });
        Assert.Equal(before, StateText.Of(_working));
    }

    /// <summary>What has gathered is lost, everything else is read back: from the start, or from a snapshot and the rows behind it.</summary>
    private void DieAndTakeOver()
    {
        _gathered.Clear();
        var cut = _tape.Next(Log.Count + 1);
        var snapshot = Replay(OrchestrationState.Empty, 0, cut);
        _working = Replay(StateText.ThroughJson(snapshot), cut, Log.Count);
        Assert.Equal(StateText.Of(State), StateText.Of(_working));
        State = _working;
        _past.AddRange(_running.Keys);
        _running.Clear();
        Do(new TakeOver(_now, $"p/{_tape.Next(100)}", Given.Platform));
        Store();
        Assert.Equal(Unplanned(), Effects.OnRecovered(State).OfType<Effect.PlanRecovery>().Select(p => p.Reader));
        foreach (var run in Effects.OnRecovered(State).OfType<Effect.RunAttempt>())
        {
            Assert.NotNull(run.ActivationId);
            _past.Remove(run.Attempt);
            _running.Add(run.Attempt, run.ActivationId);
        }
    }

    public OrchestrationState Replay(OrchestrationState from, int first, int end)
    {
        for (var i = first; i < end; i++)
            from = StateFold.Apply(from, FactJson.Read(FactJson.Write(Log[i])), i + 1);
        return from;
    }

    private void Do(Command command)
    {
        var decision = Decider.Decide(_working, command);
        foreach (var fact in decision.Facts)
        {
            _working = StateFold.Apply(_working, fact, Log.Count + 1);
            _gathered.Add(fact);
        }

        StateLaws.Check(_working, _now);
    }

    private void Store()
    {
        if (_gathered.Count == 0)
            return;
        var commit = new Commit([.. _gathered]);
        _gathered.Clear();
        Log.Add(commit);
        State = StateFold.Apply(State, commit, Log.Count);
        Assert.Equal(StateText.Of(_working), StateText.Of(State));
        foreach (var fact in commit.Facts)
        {
            Laws.Check(fact);
            if (Effects.After(fact, State) is Effect.RunAttempt run)
                _running.Add(run.Attempt, null);
        }
    }
}
