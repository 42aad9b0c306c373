using System.Globalization;
using Orchestration.Core.Retries;
using Orchestration.Crash.Tests.Verdicts;

namespace Orchestration.Crash.Tests.Rounds;

/// <summary>What the kills of some rounds hit and what came of it.</summary>
internal sealed record Tally
{
    public int Rounds { get; private init; }

    public int Kills { get; private init; }

    /// <summary>Kills that hit attempts in flight.</summary>
    public int KillsInFlight { get; private init; }

    /// <summary>Kills that hit awaited attempts: in flight, with a stored activation id.</summary>
    public int KillsAwaited { get; private init; }

    /// <summary>Attempts that were in flight at a kill.</summary>
    public int InFlight { get; private init; }

    public int Awaited { get; private init; }

    /// <summary>Attempts closed as interrupted.</summary>
    public int Interrupted { get; private init; }

    public int Invocations { get; private init; }

    /// <summary>Invocations whose work was done again.</summary>
    public int Repeated { get; private init; }

    public static Tally Of(RoundEvidence round)
    {
        var attempts = new AttemptLog(round.Commits);
        var hits = round.Deaths.Select(d => new AttemptLog(d.Stored)).ToList();
        return new Tally
        {
            Rounds = 1,
            Kills = hits.Count,
            KillsInFlight = hits.Count(h => h.Running.Any()),
            KillsAwaited = hits.Count(h => h.Awaited.Any()),
            InFlight = hits.Sum(h => h.Running.Count()),
            Awaited = hits.Sum(h => h.Awaited.Count()),
            Interrupted = attempts.All.Count(a => a.Failure?.Outcome == AttemptOutcome.Interrupted),
            Invocations = round.Activations.Length,
            Repeated = Verdict.Repeated(round, attempts).Count,
        };
    }

    public static Tally operator +(Tally one, Tally other) => new()
    {
        Rounds = one.Rounds + other.Rounds,
        Kills = one.Kills + other.Kills,
        KillsInFlight = one.KillsInFlight + other.KillsInFlight,
        KillsAwaited = one.KillsAwaited + other.KillsAwaited,
        InFlight = one.InFlight + other.InFlight,
        Awaited = one.Awaited + other.Awaited,
        Interrupted = one.Interrupted + other.Interrupted,
        Invocations = one.Invocations + other.Invocations,
        Repeated = one.Repeated + other.Repeated,
    };

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"rounds {Rounds}, kills {Kills} (in flight {KillsInFlight}, awaited {KillsAwaited}), attempts in flight {InFlight} (awaited {Awaited}), interrupted {Interrupted}, invocations {Invocations}, repeated {Repeated}");
}
