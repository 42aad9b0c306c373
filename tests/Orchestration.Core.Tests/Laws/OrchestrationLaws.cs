using CsCheck;
using Orchestration.Core.Actions;
using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Reports;
using Orchestration.Core.Retries;
using Orchestration.Core.Serialization;
using Orchestration.Core.State;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Laws;

/// <summary>Laws over random scripts of batches, outcomes, crashes and take-overs. <see cref="Simulation"/> checks the rest after every step.</summary>
public class OrchestrationLaws
{
    private const int Scripts = 120;

    private static readonly Gen<int[]> Script = Gen.Int[0, 1_000_000].Array[0, 1000];

    [Fact]
    public void Replaying_stored_facts_gives_the_live_state() => Script.Sample(
        script =>
        {
            var simulation = new Simulation(new Tape(script));
            simulation.Play(mayEnd: true);
            Assert.Equal(StateText.Of(simulation.State), StateText.Of(simulation.Replay(OrchestrationState.Empty, 0, simulation.Log.Count)));
        },
        iter: Scripts);

    [Fact]
    public void A_snapshot_at_any_row_and_the_rows_behind_it_give_the_live_state() => Script.Sample(
        script =>
        {
            var simulation = new Simulation(new Tape(script));
            simulation.Play(mayEnd: true);
            var state = OrchestrationState.Empty;
            for (var cut = 0; cut < simulation.Log.Count; cut++)
            {
                state = StateFold.Apply(StateText.ThroughJson(state), simulation.Log[cut], cut + 1);
                Assert.Equal(StateText.Of(state), StateText.Of(StateText.ThroughJson(state)));
            }

            Assert.Equal(StateText.Of(simulation.State), StateText.Of(state));
        },
        iter: Scripts / 4);

    [Fact]
    public void A_commit_comes_back_from_its_stored_form_as_it_was() => Script.Sample(
        script =>
        {
            var simulation = new Simulation(new Tape(script));
            simulation.Play(mayEnd: true);
            Assert.All(simulation.Log, commit => Assert.Equal(commit, FactJson.Read(FactJson.Write(commit))));
        },
        iter: Scripts / 4);

    [Fact]
    public void Every_script_comes_to_its_end_and_every_attempt_that_started_has_ended_once() => Gen.Select(Script, Gen.Int).Sample(
        (script, seed) =>
        {
            var simulation = new Simulation(new Tape(script));
            simulation.Play(mayEnd: false);
            Assert.InRange(simulation.Drain(new Random(seed), 2000), 0, 1999);
            Assert.Empty(simulation.Laws.Open);
            Assert.Equal(0, simulation.AttemptsUnderWay);
            Assert.Empty(simulation.State.Active);
            Assert.All(simulation.State.Batches, b => Assert.True(b.Ended));
            Assert.NotEmpty(Decider.Decide(simulation.State, new Complete(Given.At(1e6), default, false)).Facts);
        },
        iter: Scripts);

    [Fact]
    public void Scripts_reach_what_the_laws_are_about()
    {
        var (jobs, lost, changed, shared) = (0, 0, 0, 0);
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var simulation = new Simulation(new Tape([.. Enumerable.Range(0, 1500).Select(_ => random.Next(1_000_000))]));
            simulation.Play(mayEnd: false);
            jobs += simulation.State.Batches.Where(b => b.Recovery).Sum(b => b.Succeeded);
            lost += simulation.Log.Sum(c => c.Facts.Count(f => f is InputsLost));
            shared += simulation.Log.Sum(c => c.Facts.Count(f => f is AttemptStarted { Fencing.IsEmpty: false }));
            changed += simulation.Log.Sum(c => c.Facts.Count(f => f is ObjectsChanged));
        }

        Assert.InRange(jobs, 5, int.MaxValue);
        Assert.InRange(lost, 5, int.MaxValue);
        Assert.InRange(shared, 100, int.MaxValue);
        Assert.InRange(changed, 1, int.MaxValue);
    }

    [Fact]
    public void An_end_leaves_no_attempt_open() => Gen.Select(Script, Gen.Bool).Sample(
        (script, cancel) =>
        {
            var simulation = new Simulation(new Tape(script));
            simulation.Play(mayEnd: false);
            Command end = cancel ? new Cancel(Given.At(1e6), "x") : new Fail(Given.At(1e6), new Failure(null, "x"), null);
            var facts = Decider.Decide(simulation.State, end).Facts;
            foreach (var fact in facts)
                simulation.Laws.Check(fact);
            Assert.Empty(simulation.Laws.Open);
            StateLaws.Check(StateFold.Apply(simulation.State, new Commit(facts), simulation.Log.Count + 1), Given.At(1e6));
        },
        iter: Scripts / 4);

    [Fact]
    public void What_is_retried_after_the_end_comes_to_its_end_again_and_what_succeeded_is_not_run_again() => Gen.Select(Script, Gen.Int, Gen.Bool).Sample(
        (script, seed, cancel) =>
        {
            var simulation = new Simulation(new Tape(script));
            simulation.Play(mayEnd: false);
            simulation.End(cancel);
            var succeeded = Succeeded(simulation.State);
            Assert.True(simulation.Retry(null));
            Assert.InRange(simulation.Drain(new Random(seed), 2000), 0, 1999);
            Assert.Empty(simulation.Laws.Open);
            Assert.Empty(simulation.State.Active);
            Assert.All(simulation.State.Batches, b => Assert.True(b.Ended));
            Assert.Equal(succeeded, Succeeded(simulation.State).Where(a => succeeded.Contains(a)));
            Assert.Equal(StateText.Of(simulation.State), StateText.Of(simulation.Replay(OrchestrationState.Empty, 0, simulation.Log.Count)));
        },
        iter: Scripts / 2);

    [Fact]
    public void A_report_counts_what_the_facts_hold() => Script.Sample(
        script =>
        {
            var simulation = new Simulation(new Tape(script));
            simulation.Play(mayEnd: true);
            var report = OrchestrationReport.From(Given.Id, simulation.Log);
            var state = simulation.State;
            Assert.Equal(state.Batches.Sum(b => b.Actions.Count) - state.Jobs, report.Totals.Actions);
            Assert.Equal(state.Batches.Where(b => b.Recovery).Sum(b => b.Actions.Count(a => a.Attempts > 0)), report.Totals.Recoveries);
            Assert.Equal(simulation.Laws.Attempts, report.Totals.Attempts);
            Assert.Equal(report.Actions.Sum(a => Math.Max(0, a.Attempts.Length - 1)), report.Totals.Retries);
            Assert.Equal(state.Batches.Sum(b => b.Succeeded), report.Actions.Count(a => a.Success == true));
            Assert.Equal(state.Batches.Sum(b => b.Failed), report.Actions.Count(a => a.Success == false));
            Assert.Equal(state.Batches.Sum(b => b.Failed), report.Steps.Sum(s => s.Failed));
            Assert.Equal(state.Running, report.Actions.Sum(a => a.Attempts.Count(t => t.Outcome is null)));
            Assert.Equal((state.Status, state.EndedAt), (report.Status, report.FinishedAt));
            Assert.Equal(
                ReportJson.ToUtf8(report),
                ReportJson.ToUtf8(OrchestrationReport.From(Given.Id, simulation.Log.Select(c => FactJson.Read(FactJson.Write(c))))));
        },
        iter: Scripts / 4);

    // An action that succeeded stands with the row of its result: running it again would move that.
    private static List<(int Batch, int Index, long DoneAt)> Succeeded(OrchestrationState state) =>
        [.. state.Batches.SelectMany(b => b.Actions.Select((a, i) => (b.Number, i, a)).Where(x => x.a.Phase == ActionPhase.Succeeded).Select(x => (x.Number, x.i, x.a.DoneAt)))];

    [Fact]
    public void A_batchs_hash_depends_on_everything_but_its_key() => Gen.Int[0, 9].Sample(
        change =>
        {
            var action = Given.Action("a", """{"x":1}""");
            var batch = new BatchSpec("k", [action, Given.Action("b")], BatchOptions.Default);
            var other = change switch
            {
                0 => batch with { Key = "other" },
                1 => batch with { Actions = [action with { Name = "c" }, batch.Actions[1]] },
                2 => batch with { Actions = [Given.Action("a", """{"x":2}"""), batch.Actions[1]] },
                3 => batch with { Actions = [batch.Actions[1], action] },
                4 => batch with { Actions = [action] },
                5 => batch with { Actions = [action with { Retry = RetryPolicy.Default }, batch.Actions[1]] },
                6 => batch with { Actions = [action with { Reads = [Objects.ObjectKey.Parse("a/b")] }, batch.Actions[1]] },
                7 => batch with { Options = BatchOptions.Default with { Parallelism = 1 } },
                8 => batch with { Options = BatchOptions.Default with { Writers = Writers.Shared } },
                _ => batch with { Options = BatchOptions.Default with { Retry = new RetryPolicy { Retries = 9 } } },
            };
            Assert.Equal(change == 0, BatchHash.Of(batch) == BatchHash.Of(other));
            Assert.Matches("^[0-9a-f]{64}$", BatchHash.Of(other));
        },
        iter: 100);
}
