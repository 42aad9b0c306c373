using System.Globalization;
using Orchestration.Actors.Hosting;
using Orchestration.Core.Reports;

namespace Orchestration.TestKit;

/// <summary>Crashes the process after each row that a pipeline stores, one after another, and compares what comes of it with a run that nothing disturbs.</summary>
public static class CrashCheck
{
    /// <summary>Checks a pipeline.</summary>
    /// <param name="run">Scripts OpenWhisk and the objects, and runs the pipeline; called anew for every crash, each time with a process of its own.</param>
    /// <param name="configure">Sets options of the process; null for none.</param>
    /// <returns>What was checked.</returns>
    /// <exception cref="OrchestrationAssertionException">After some crash the run ended otherwise: another status or output, another result of an action, or an action that was invoked again although its end was stored.</exception>
    public static async Task<CrashCheckResult> AtEveryRowAsync(Func<OrchestrationTest, Task<TestRun>> run, Action<OrchestrationOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        TestRun expected;
        int rows;
        await using (var undisturbed = await OrchestrationTest.StartAsync(configure))
        {
            expected = await run(undisturbed);
            rows = undisturbed.StoredRows;
        }

        var repeated = 0;
        // A crash makes a run store a few rows more; a crash that did not happen ends the row of them.
        for (var row = 1; ; row++)
        {
            await using var test = await OrchestrationTest.StartAsync(configure);
            test.CrashAfterRows(row);
            var ended = await run(test);
            if (test.Crashes == 0)
                return new CrashCheckResult(row - 1, rows, repeated);
            Compare(expected, ended, row);
            repeated += ended.Invocations.Count - expected.Invocations.Count;
        }
    }

    private static void Compare(TestRun expected, TestRun ended, int row)
    {
        if (ended.Status != expected.Status)
            throw Differs(row, $"the run is {ended.Status}{(ended.Report.Error is { } error ? $" ({error.Message})" : "")} instead of {expected.Status}", ended);
        if (ended.Output != expected.Output)
            throw Differs(row, $"it gave back {ended.Output} instead of {expected.Output}", ended);
        var wanted = Results(expected);
        foreach (var (place, result) in Results(ended))
            if (!wanted.TryGetValue(place, out var other) || other != result)
                throw Differs(row, $"the action {place} ended as {result} instead of {other ?? "nothing"}", ended);
        // One crash interrupts at most what ran; whatever had its end stored is not run again.
        foreach (var action in ended.Report.Actions)
        {
            var interrupted = action.Attempts.Count(a => a.Outcome == Core.Retries.AttemptOutcome.Interrupted);
            var before = expected.Report.Actions.FirstOrDefault(a => a.Step == action.Step && a.Index == action.Index)?.Attempts.Length ?? action.Attempts.Length;
            if (interrupted > 1 || action.Attempts.Length - interrupted > before)
                throw Differs(row, string.Create(CultureInfo.InvariantCulture, $"the action {action.Step}[{action.Index}] took {action.Attempts.Length} attempts, {interrupted} of them interrupted, instead of {before}"), ended);
        }
    }

    private static Dictionary<string, string> Results(TestRun run) => run.Report.Actions.Where(a => a.Attempts.All(t => t.Cause is null))
        .ToDictionary(a => string.Create(CultureInfo.InvariantCulture, $"{a.Step}[{a.Index}]"), Describe);

    private static string Describe(ActionReport action) => action.Success is { } success ? success ? action.Result.ToString() : $"failed {action.Error}" : "not ended";

    private static OrchestrationAssertionException Differs(int row, string what, TestRun run) => new(string.Create(CultureInfo.InvariantCulture, $"After a crash behind row {row}, {what}.\n{run.Describe()}"));
}

/// <summary>What a check crashed.</summary>
/// <param name="Crashes">How many crashes were tried, one a run.</param>
/// <param name="Rows">How many rows the run stores that nothing disturbs.</param>
/// <param name="Repeated">How many invocations were repeated in all, because a crash left open whether they had been made.</param>
public sealed record CrashCheckResult(int Crashes, int Rows, int Repeated);
