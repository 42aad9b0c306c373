using System.Collections.Immutable;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Retries;
using Orchestration.Crash.Tests.Rounds;

namespace Orchestration.Crash.Tests.Verdicts;

/// <summary>Each rule fails where something is broken, and only there.</summary>
public sealed class VerdictTests
{
    private static readonly DateTimeOffset Time = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private static readonly ActionId[] Actions = [.. Enumerable.Range(0, 4).Select(i => ActionId.Parse($"00000000000000000000000{i}"))];

    // Item 1 fails twice. The kill catches item 0 awaited, 1 and 2 without an id; of these two, only 1 had reached OpenWhisk.
    private static readonly RoundPlan Plan = new(1, [new(3, 0.5, 0), new(4, 0, 2), new(5, 0, 0)], [new PlannedKill(KillAim.Awaited, 0, TimeSpan.Zero)]);

    private static readonly ImmutableArray<StoredCommit> Rows =
    [
        Row(1, new OrchestrationStarted(Time, OrchestrationId.Parse("0123456789abcdef01234567"), "crash", new Platform("http://whisk", "guest", ""), null, JsonBytes.Null), new Resumed(Time, "one", 1)),
        Row(2, Started(0, 0, 1), Started(0, 1, 1), Started(0, 2, 1)),
        Row(3, new ActivationAccepted(Time, 0, 0, 1, "a0")),
        Row(4, new Resumed(Time, "two", 2), Failed(1, 1, null, AttemptOutcome.Interrupted), Failed(2, 1, null, AttemptOutcome.Interrupted)),
        Row(5, Started(0, 1, 2), Started(0, 2, 2)),
        Row(6, Failed(1, 2, "a1-2", AttemptOutcome.ApplicationError), Succeeded(0, 2, 2, "a2-2", """{"item":5,"square":25}"""), Started(0, 1, 3)),
        Row(7, Succeeded(0, 0, 1, "a0", """{"item":3,"square":9}"""), Succeeded(0, 1, 3, "a1-3", """{"item":4,"square":16}"""), new BatchEnded(Time, 0)),
        Row(8, Started(1, 0, 1)),
        Row(9, Succeeded(1, 0, 1, "total", """{"total":50}"""), new BatchEnded(Time, 1), new OrchestrationCompleted(Time, JsonBytes.Parse("50"))),
    ];

    private static readonly RoundEvidence Sound = new(
        Plan, true, [new Death(Rows[..2], Rows[..3], "fan: 3 actions\n")], 0, JsonBytes.Parse("50"), Rows,
        [
            Ran("a0", 0, 1, """{"item":3,"square":9}"""), Ran("a1-1", 1, 1, null), Ran("a1-2", 1, 2, null), Ran("a1-3", 1, 3, """{"item":4,"square":16}"""),
            Ran("a2-2", 2, 2, """{"item":5,"square":25}"""), Ran("total", 3, 1, """{"total":50}"""),
        ]);

    private static readonly Dictionary<string, (Rule Rule, Func<RoundEvidence, RoundEvidence> Break)> Breaks = new()
    {
        ["the last process fails"] = (Rule.Completes, r => r with { ExitCode = 1 }),
        ["there is no end"] = (Rule.Completes, r => Replace(r, f => f is OrchestrationCompleted ? [] : [f])),
        ["it ends twice"] = (Rule.Completes, r => Replace(r, f => f is OrchestrationCompleted ? [f, f] : [f])),
        ["an action never succeeds"] = (Rule.OneSuccess, r => Replace(r, f => f is AttemptSucceeded { Index: 2 } ? [] : [f])),
        ["a success counts twice"] = (Rule.OneSuccess, r => Replace(r, f => f is AttemptSucceeded { Index: 2 } ? [f, f] : [f])),
        ["an action is started after its success"] = (Rule.OneSuccess, r => Replace(r, f => f is BatchEnded { Batch: 0 } ? [Started(0, 2, 3), f] : [f])),
        ["there is one action too many"] = (Rule.OneSuccess, r => Replace(r, f => f is BatchEnded { Batch: 0 } ? [Succeeded(0, 3, 1, "more", "{}"), f] : [f])),
        ["a result is another item's"] = (Rule.RightResults, r => Replace(r, f => f is AttemptSucceeded { Index: 2 } s ? [s with { Result = JsonBytes.Parse("""{"item":4,"square":16}""") }] : [f])),
        ["a result is not what the activation returned"] = (Rule.RightResults, r => Record(r, "a2-2", a => a with { Result = JsonBytes.EmptyObject })),
        ["a success comes from a failed activation"] = (Rule.RightResults, r => Record(r, "a2-2", a => a with { Success = false })),
        ["a success comes from no activation"] = (Rule.RightResults, r => Record(r, "a2-2", null)),
        ["the output is wrong"] = (Rule.RightResults, r => r with { Output = JsonBytes.Parse("49") }),
        ["there is no output"] = (Rule.RightResults, r => r with { Output = null }),
        ["an awaited attempt is invoked again"] = (Rule.StoredIdIsAwaited, r => Add(r, Ran("again", 0, 1, """{"item":3,"square":9}"""))),
        ["an awaited attempt is given up"] = (Rule.StoredIdIsAwaited, r => Replace(r, f => f is AttemptSucceeded { Index: 0, Batch: 0 } ? [Failed(0, 1, null, AttemptOutcome.Interrupted), Started(0, 0, 2), Succeeded(0, 0, 2, "a0-2", """{"item":3,"square":9}""")] : [f])),
        ["an awaited attempt is taken for lost"] = (Rule.StoredIdIsAwaited, r => Replace(r, f => f is AttemptSucceeded { Index: 0, Batch: 0 } ? [Failed(0, 1, "a0", AttemptOutcome.Lost), Started(0, 0, 2)] : [f])),
        ["an awaited attempt ends by another activation"] = (Rule.StoredIdIsAwaited, r => Replace(r, f => f is AttemptSucceeded { Index: 0, Batch: 0 } s ? [s with { ActivationId = "a2-2" }] : [f])),
        ["an attempt runs twice"] = (Rule.OneInvocationPerAttempt, r => Add(r, Ran("again", 2, 2, """{"item":5,"square":25}"""))),
        ["something runs that was not stored"] = (Rule.OneInvocationPerAttempt, r => Add(r, Ran("early", 2, 3, """{"item":5,"square":25}"""))),
        ["an activation belongs to nobody"] = (Rule.OneInvocationPerAttempt, r => Add(r, new Activation("silent", null, 0, true, JsonBytes.EmptyObject))),
        ["something is repeated that was not interrupted"] = (Rule.RepeatsAreBounded, r => Add(r, Ran("again", 0, 1, """{"item":3,"square":9}"""))),
        ["an interrupted attempt is repeated twice"] = (Rule.RepeatsAreBounded, r => Add(r, Ran("again", 1, 1, null))),
        ["more is repeated than was interrupted"] = (Rule.RepeatsAreBounded, r => Add(Add(r, new Activation("one", null, 0, false, JsonBytes.EmptyObject)), new Activation("two", null, 0, false, JsonBytes.EmptyObject))),
        ["an attempt is interrupted without a kill"] = (Rule.OnlyKillsInterrupt, r => r with { Deaths = [] }),
        ["an attempt that a kill caught goes on"] = (Rule.OnlyKillsInterrupt, r => Replace(r, f => f is AttemptFailed { Index: 2, Attempt: 1 } ? [] : [f])),
        ["an attempt fails that was not to"] = (Rule.OnlyKillsInterrupt, r => Replace(r, f => f is AttemptFailed { Index: 1, Attempt: 2 } a ? [a with { Outcome = AttemptOutcome.Unavailable }] : [f])),
        ["an action fails more often than planned"] = (Rule.OnlyKillsInterrupt, r => r with { Plan = r.Plan with { Items = r.Plan.Items.SetItem(1, new(4, 0, 1)) } }),
        ["an awaited attempt is interrupted where the platform lives on"] = (Rule.OnlyKillsInterrupt, TakeAlong),
        ["a platform that lives on fails"] = (Rule.OnlyKillsInterrupt, r => Replace(r, f => f is AttemptFailed { Index: 1, Attempt: 2 } a ? [a with { Outcome = AttemptOutcome.WhiskError }] : [f])),
        ["a row that was read is gone"] = (Rule.NothingIsLost, r => r with { Deaths = [r.Deaths[0] with { Stored = Rows[..1] }] }),
        ["a row that was stored is gone"] = (Rule.NothingIsLost, r => r with { Commits = [.. Rows[..2], .. Rows[3..]] }),
        ["a row that was stored is another one"] = (Rule.NothingIsLost, r => r with { Commits = Rows.SetItem(2, Row(3, new ActivationAccepted(Time, 0, 0, 1, "other"))) }),
        ["a failure that was told is not stored"] = (Rule.NothingIsLost, r => Tell(r, "fan[1]: attempt 2 failed (application_error: …); the next is in 50 ms\n")),
        ["a last failure that was told is not stored"] = (Rule.NothingIsLost, r => Tell(r, "fan: 3 actions\ntotal: failed, attempt 1 was the last (…)\n")),
        ["an end that was told is not stored"] = (Rule.NothingIsLost, r => Tell(r, "fan: 3 actions\nfan: done in 2 s\n")),
    };

    public static TheoryData<string> BreakNames => [.. Breaks.Keys];

    [Fact]
    public void A_sound_round_breaks_no_rule() => Assert.Empty(Verdict.Judge(Sound));

    [Theory]
    [MemberData(nameof(BreakNames))]
    public void A_broken_round_is_noticed(string what) => Assert.Contains(Breaks[what].Rule, Verdict.Judge(Breaks[what].Break(Sound)).Select(v => v.Rule));

    [Fact]
    public void Every_rule_is_broken_once() => Assert.Equal(Enum.GetValues<Rule>().Order(), Breaks.Values.Select(b => b.Rule).Distinct().Order());

    [Fact]
    public void What_dies_with_the_host_may_fail_and_may_leave_silent_records()
    {
        var embedded = Add(
            Replace(Sound with { PlatformSurvives = false }, f => f is AttemptFailed { Index: 1, Attempt: 2 } a ? [a with { Outcome = AttemptOutcome.WhiskError }] : [f]),
            new Activation("silent", null, 0, false, JsonBytes.EmptyObject));

        Assert.Empty(Verdict.Judge(embedded));
    }

    [Fact]
    public void What_dies_with_the_host_is_interrupted_although_its_id_was_known() => Assert.Empty(Verdict.Judge(TakeAlong(Sound with { PlatformSurvives = false })));

    [Fact]
    public void The_tally_counts_what_the_kills_hit_and_what_was_done_again() => Assert.Equal(
        "rounds 2, kills 2 (in flight 2, awaited 2), attempts in flight 6 (awaited 2), interrupted 4, invocations 12, repeated 2",
        (Tally.Of(Sound) + Tally.Of(Sound)).ToString());

    [Fact]
    public void The_same_seed_gives_the_same_plan()
    {
        Assert.Equal(RoundPlan.Draw(77).ToString(), RoundPlan.Draw(77).ToString());
        Assert.Equal(RoundPlan.Draw(77).ItemsJson(), RoundPlan.Draw(77).ItemsJson());
        Assert.NotEqual(RoundPlan.Draw(77).ItemsJson(), RoundPlan.Draw(78).ItemsJson());
        Assert.Equal(40, RoundPlan.Draw(77).Items.Length);
    }

    private static StoredCommit Row(long number, params ImmutableArray<Fact> facts) => new(number, new Commit(facts));

    private static AttemptStarted Started(int batch, int index, int attempt) => new(Time, batch, index, Actions[batch * 3 + index], attempt, TimeSpan.Zero);

    private static AttemptSucceeded Succeeded(int batch, int index, int attempt, string activation, string result) =>
        new(Time, batch, index, attempt, activation, null, JsonBytes.Parse(result), ObjectReport.None);

    private static AttemptFailed Failed(int index, int attempt, string? activation, AttemptOutcome outcome) =>
        new(Time, 0, index, attempt, activation, null, outcome, new Failure("X", "x"), ObjectReport.None, Time, false);

    private static Activation Ran(string id, int action, int attempt, string? result) =>
        new(id, Actions[action], attempt, result is not null, JsonBytes.Parse(result ?? """{"error":"planned"}"""));

    private static RoundEvidence Replace(RoundEvidence round, Func<Fact, IEnumerable<Fact>> replace) =>
        round with { Commits = [.. round.Commits.Select(row => Row(row.SequenceNr, [.. row.Commit.Facts.SelectMany(replace)]))] };

    // Item 0 was awaited; its activation ends without a result, and a second one gives it.
    private static RoundEvidence TakeAlong(RoundEvidence round) => Add(
        Record(
            Replace(round, f => f is AttemptSucceeded { Index: 0, Batch: 0 } ? [Failed(0, 1, "a0", AttemptOutcome.Interrupted), Started(0, 0, 2), Succeeded(0, 0, 2, "a0-2", """{"item":3,"square":9}""")] : [f]),
            "a0",
            a => a with { Success = false, Action = null, Attempt = 0, Result = JsonBytes.EmptyObject }),
        Ran("a0-2", 0, 2, """{"item":3,"square":9}"""));

    private static RoundEvidence Record(RoundEvidence round, string id, Func<Activation, Activation>? change) =>
        round with { Activations = [.. round.Activations.SelectMany(a => a.Id != id ? [a] : change is null ? Array.Empty<Activation>() : [change(a)])] };

    private static RoundEvidence Add(RoundEvidence round, Activation activation) => round with { Activations = round.Activations.Add(activation) };

    private static RoundEvidence Tell(RoundEvidence round, string text) => round with { Deaths = [round.Deaths[0] with { Told = text }] };
}
