using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Retries;
using Orchestration.Core.Serialization;
using Orchestration.Crash.Tests.Rounds;

namespace Orchestration.Crash.Tests.Verdicts;

/// <summary>What must hold for every round.</summary>
internal enum Rule
{
    /// <summary>The orchestration completes, once.</summary>
    Completes,

    /// <summary>Each action has exactly one accepted success, and no attempt behind it.</summary>
    OneSuccess,

    /// <summary>Results are those that the actions returned in the activations that are named, and what is computed from them is right.</summary>
    RightResults,

    /// <summary>An attempt whose activation id was stored is awaited to the end that OpenWhisk tells, never invoked again.</summary>
    StoredIdIsAwaited,

    /// <summary>Every activation belongs to an attempt that was stored, and no attempt has two.</summary>
    OneInvocationPerAttempt,

    /// <summary>Repeated invocations are at most one per interrupted attempt.</summary>
    RepeatsAreBounded,

    /// <summary>Attempts end as the actions end; <c>interrupted</c> are exactly those that a kill caught without an activation id, and
    /// some that had one when OpenWhisk died too.</summary>
    OnlyKillsInterrupt,

    /// <summary>What was stored or told before a kill is there after it.</summary>
    NothingIsLost,
}

/// <summary>A rule that a round broke.</summary>
internal sealed record Violation(Rule Rule, string Text)
{
    public override string ToString() => $"{Rule}: {Text}";
}

/// <summary>Judges what a round left behind.</summary>
internal static partial class Verdict
{
    /// <summary>The number of the fan-out's batch; the batch behind it adds up its results.</summary>
    public const int Fan = 0;
    public const int Total = 1;

    public static IReadOnlyList<Violation> Judge(RoundEvidence round)
    {
        var attempts = new AttemptLog(round.Commits);
        return
        [
            .. Completes(round),
            .. OneSuccess(round, attempts),
            .. RightResults(round, attempts),
            .. StoredIdIsAwaited(round, attempts),
            .. OneInvocationPerAttempt(round, attempts),
            .. RepeatsAreBounded(round, attempts),
            .. OnlyKillsInterrupt(round, attempts),
            .. NothingIsLost(round),
        ];
    }

    /// <summary>Activations whose end no attempt took: what they did was done again.</summary>
    public static IReadOnlyList<Activation> Repeated(RoundEvidence round, AttemptLog attempts)
    {
        var used = attempts.All.Select(a => a.EndedBy).OfType<string>().ToHashSet();
        return [.. round.Activations.Where(a => !used.Contains(a.Id))];
    }

    private static IEnumerable<Violation> Completes(RoundEvidence round)
    {
        var ends = Facts(round.Commits).Where(f => f is OrchestrationCompleted or OrchestrationFailed or OrchestrationCancelled).ToList();
        if (round.ExitCode != 0)
            yield return new Violation(Rule.Completes, $"the last process ended with {round.ExitCode}");
        if (ends is not [OrchestrationCompleted])
            yield return new Violation(Rule.Completes, $"the journal's ends are [{string.Join(", ", ends.Select(e => e.GetType().Name))}]");
    }

    private static IEnumerable<Violation> OneSuccess(RoundEvidence round, AttemptLog attempts)
    {
        var successes = Facts(round.Commits).OfType<AttemptSucceeded>().ToLookup(s => (s.Batch, s.Index));
        foreach (var (batch, index) in Enumerable.Range(0, round.Plan.Items.Length).Select(i => (Fan, i)).Append((Total, 0)))
            if (successes[(batch, index)].Count() is var count and not 1)
                yield return new Violation(Rule.OneSuccess, $"batch {batch}, action {index} has {count} successes");
        foreach (var other in successes.Where(s => s.Key.Batch > Total || (s.Key.Batch == Total && s.Key.Index > 0) || s.Key.Index >= round.Plan.Items.Length))
            yield return new Violation(Rule.OneSuccess, $"batch {other.Key.Batch}, action {other.Key.Index} is none of the workflow's");
        foreach (var attempt in attempts.All)
            if (successes[(attempt.Name.Batch, attempt.Name.Index)].Any(s => s.Attempt < attempt.Name.Number))
                yield return new Violation(Rule.OneSuccess, $"{attempt.Name} started although the action had succeeded");
    }

    private static IEnumerable<Violation> RightResults(RoundEvidence round, AttemptLog attempts)
    {
        var records = round.Activations.ToDictionary(a => a.Id);
        foreach (var success in attempts.All.Select(a => a.Success).OfType<AttemptSucceeded>())
        {
            var where = new AttemptName(success.Batch, success.Index, success.Attempt);
            if (!IsSame(success.Result, Expected(round.Plan, success)))
                yield return new Violation(Rule.RightResults, $"{where} has the result {success.Result}, not {Expected(round.Plan, success)}");
            if (success.ActivationId is null || !records.TryGetValue(success.ActivationId, out var record))
                yield return new Violation(Rule.RightResults, $"{where} has its result from the activation '{success.ActivationId}', of which OpenWhisk has no record");
            else if (!record.Success || !IsSame(record.Result, success.Result))
                yield return new Violation(Rule.RightResults, $"{where} has the result {success.Result}, but the record of {record.Id} says {record.Result}");
        }
        if (round.Output is not { } output || output.ToString() != $"{round.Plan.Total()}")
            yield return new Violation(Rule.RightResults, $"the output is {round.Output?.ToString() ?? "missing"}, not {round.Plan.Total()}");
    }

    private static IEnumerable<Violation> StoredIdIsAwaited(RoundEvidence round, AttemptLog attempts)
    {
        var records = round.Activations.ToDictionary(a => a.Id);
        var runs = round.Activations.ToLookup(a => (a.Action, a.Attempt));
        foreach (var attempt in attempts.All.Where(a => a.AcceptedId is not null))
        {
            foreach (var again in runs[(attempt.ActionId, attempt.Name.Number)].Where(a => a.Id != attempt.AcceptedId))
                yield return new Violation(Rule.StoredIdIsAwaited, $"{attempt.Name} was stored as {attempt.AcceptedId} and invoked again as {again.Id}");
            if (attempt.IsRunning)
                continue;
            if (attempt.EndedBy != attempt.AcceptedId)
                yield return new Violation(Rule.StoredIdIsAwaited, $"{attempt.Name} was stored as {attempt.AcceptedId} and ended by '{attempt.EndedBy}'");
            else if (!records.TryGetValue(attempt.AcceptedId!, out var record) || record.Success != attempt.Success is not null)
                yield return new Violation(Rule.StoredIdIsAwaited, $"{attempt.Name} was ended as {Outcome(attempt)}, which the record of {attempt.AcceptedId} does not say");
        }
    }

    private static IEnumerable<Violation> OneInvocationPerAttempt(RoundEvidence round, AttemptLog attempts)
    {
        var stored = attempts.All.Select(a => (Action: (Core.Identity.ActionId?)a.ActionId, a.Name.Number)).ToHashSet();
        var known = attempts.All.Select(a => a.AcceptedId).OfType<string>().ToHashSet();
        foreach (var runs in round.Activations.Where(a => a.Action is not null).GroupBy(a => (a.Action, a.Attempt)))
        {
            if (!stored.Contains(runs.Key))
                yield return new Violation(Rule.OneInvocationPerAttempt, $"attempt {runs.Key.Attempt} of action {runs.Key.Action} ran and was never stored");
            if (runs.Count() > 1)
                yield return new Violation(Rule.OneInvocationPerAttempt, $"attempt {runs.Key.Attempt} of action {runs.Key.Action} ran {runs.Count()} times");
        }
        if (round.PlatformSurvives)
            foreach (var silent in round.Activations.Where(a => a.Action is null))
                yield return new Violation(Rule.OneInvocationPerAttempt, $"the activation {silent.Id} belongs to no action");
    }

    private static IEnumerable<Violation> RepeatsAreBounded(RoundEvidence round, AttemptLog attempts)
    {
        var interrupted = attempts.All.Where(a => a.Failure?.Outcome == AttemptOutcome.Interrupted).ToList();
        var repeated = Repeated(round, attempts);
        foreach (var action in repeated.GroupBy(a => a.Action).Where(a => a.Key is not null))
            if (interrupted.Count(a => a.ActionId == action.Key) is var allowed && action.Count() > allowed)
                yield return new Violation(Rule.RepeatsAreBounded, $"action {action.Key} was repeated {action.Count()} times, and {allowed} of its attempts were interrupted");
        if (repeated.Count > interrupted.Count)
            yield return new Violation(Rule.RepeatsAreBounded, $"{repeated.Count} invocations were repeated, and {interrupted.Count} attempts were interrupted");
    }

    private static IEnumerable<Violation> OnlyKillsInterrupt(RoundEvidence round, AttemptLog attempts)
    {
        var caught = round.Deaths.SelectMany(d => new AttemptLog(d.Stored).Unanswered).Select(a => a.Name).ToHashSet();
        // A platform that dies with the host takes along what it had accepted.
        var takenAlong = round.Deaths.Where(_ => !round.PlatformSurvives).SelectMany(d => new AttemptLog(d.Stored).Awaited).Select(a => a.Name).ToHashSet();
        foreach (var attempt in attempts.All)
        {
            var outcome = attempt.Failure?.Outcome;
            if (caught.Contains(attempt.Name) != (outcome == AttemptOutcome.Interrupted) && !(outcome == AttemptOutcome.Interrupted && takenAlong.Contains(attempt.Name)))
                yield return new Violation(Rule.OnlyKillsInterrupt, $"{attempt.Name} {(caught.Contains(attempt.Name) ? "was caught by a kill without an id" : "was not caught by a kill")} and ended as {Outcome(attempt)}");
            else if (attempt.IsRunning || !(outcome is null or AttemptOutcome.Interrupted || IsPlanned(round, attempt) || (outcome == AttemptOutcome.WhiskError && !round.PlatformSurvives)))
                yield return new Violation(Rule.OnlyKillsInterrupt, $"{attempt.Name} ended as {Outcome(attempt)}, which was not planned: {attempt.Failure?.Failure.Message}");
        }
    }

    private static IEnumerable<Violation> NothingIsLost(RoundEvidence round)
    {
        var number = 0;
        foreach (var death in round.Deaths)
        {
            number++;
            foreach (var (before, after, when) in ((IReadOnlyList<StoredCommit>, IReadOnlyList<StoredCommit>, string)[])[(death.Seen, death.Stored, "right after it"), (death.Stored, round.Commits, "at the end")])
            {
                var kept = before.Zip(after).TakeWhile(pair => IsSame(pair.First, pair.Second)).Count();
                if (kept < before.Count)
                    yield return new Violation(Rule.NothingIsLost, $"row {kept + 1} of {before.Count} before kill {number} is gone or another one {when}");
            }
            var attempts = new AttemptLog(death.Stored);
            foreach (Match line in ToldFailure().Matches(death.Told))
            {
                var told = new AttemptName(line.Groups["step"].Value == "fan" ? Fan : Total, Number(line.Groups["index"], 0), Number(line.Groups["attempt"], 0));
                if (attempts.Find(told)?.Failure is null)
                    yield return new Violation(Rule.NothingIsLost, $"kill {number}: it was told that {told} had failed, and that is not stored");
            }
            if (ToldEnd().IsMatch(death.Told) && !Facts(death.Stored).Any(f => f is BatchEnded { Batch: Fan }))
                yield return new Violation(Rule.NothingIsLost, $"kill {number}: it was told that the step had ended, and that is not stored");
        }
    }

    private static IEnumerable<Fact> Facts(IEnumerable<StoredCommit> commits) => commits.SelectMany(c => c.Commit.Facts);

    private static string Expected(RoundPlan plan, AttemptSucceeded success) => success.Batch switch
    {
        Fan when success.Index < plan.Items.Length => $$"""{"item":{{plan.Items[success.Index].Item}},"square":{{plan.Items[success.Index].Item * plan.Items[success.Index].Item}}}""",
        Total => $$"""{"total":{{plan.Total()}}}""",
        _ => "null",
    };

    private static bool IsPlanned(RoundEvidence round, AttemptView attempt) =>
        attempt.Failure is { Outcome: AttemptOutcome.ApplicationError } && attempt.Name.Batch == Fan && attempt.Name.Number <= round.Plan.Items[attempt.Name.Index].Failures;

    private static string Outcome(AttemptView attempt) =>
        attempt.Success is not null ? "success" : attempt.Failure is { } failure ? AttemptOutcomes.NameOf(failure.Outcome) : "running";

    private static int Number(Group group, int otherwise) => group.Success ? int.Parse(group.ValueSpan, System.Globalization.CultureInfo.InvariantCulture) : otherwise;

    private static bool IsSame(StoredCommit one, StoredCommit other) =>
        one.SequenceNr == other.SequenceNr && FactJson.Write(one.Commit).AsSpan().SequenceEqual(FactJson.Write(other.Commit));

    private static bool IsSame(JsonBytes result, JsonBytes expected) => IsSame(result, expected.ToString());

    private static bool IsSame(JsonBytes result, string expected)
    {
        using var one = result.ToDocument();
        using var other = JsonDocument.Parse(expected);
        return JsonElement.DeepEquals(one.RootElement, other.RootElement);
    }

    [GeneratedRegex(@"^(?<step>fan|total)(\[(?<index>[0-9]+)\])?: (attempt (?<attempt>[0-9]+) failed|failed, attempt (?<attempt>[0-9]+) was the last)", RegexOptions.Multiline)]
    private static partial Regex ToldFailure();

    [GeneratedRegex("^fan: (done|[0-9]+ succeeded)", RegexOptions.Multiline)]
    private static partial Regex ToldEnd();
}
