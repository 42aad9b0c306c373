using Akka.Hosting;
using Akka.Persistence;
using Akka.Persistence.Hosting;
using Akka.Persistence.TestKit;
using Orchestration.Actors.Client;
using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Facts;
using Orchestration.Core.Pipelines;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>A recovery that is interrupted at each row that is stored, by each party: it goes on, and what was made is not made again.</summary>
public sealed class CrashingDuringRecovery : ObjectScenario
{
    private const int Length = 3;

    protected override AkkaConfigurationBuilder Journal(AkkaConfigurationBuilder builder) => builder.WithInMemorySnapshotStore().AddHocon(
        """
        akka.persistence.journal {
          plugin = "akka.persistence.journal.test"
          test { class = "Akka.Persistence.TestKit.TestJournal, Akka.Persistence.TestKit", plugin-dispatcher = "akka.actor.default-dispatcher" }
        }
        """,
        HoconAddMode.Prepend);

    [Fact]
    public async Task At_every_stored_row_of_a_recovery_a_crash_makes_nothing_run_again_that_was_stored()
    {
        var crash = new CrashAt();
        await TestJournal.FromRef(Persistence.Instance.Apply(Sys).JournalFor("")).OnWrite.SetInterceptorAsync(crash);
        var rows = 0;
        do
        {
            var run = await StartAsync();
            var last = await MakeChainAsync(run, Length);
            Store.Lose(Enumerable.Range(0, Length).Select(i => $"b/o{i}"));
            crash.Arm(++rows);
            var reading = ReadAsync(run, last);
            await PassUntilAsync(TimeSpan.FromSeconds(1), () => reading.IsCompleted);
            Assert.True((await reading).Success);

            var facts = await FactsAsync(run.Id);
            var jobs = facts.OfType<BatchSealed>().Where(b => b.Recovery).Select(b => b.Batch).ToHashSet();
            Assert.Equal(Length, facts.OfType<AttemptSucceeded>().Count(s => jobs.Contains(s.Batch)));
            var interrupted = facts.OfType<AttemptFailed>().Count(f => f.Outcome == Core.Retries.AttemptOutcome.Interrupted);
            Assert.InRange(interrupted, 0, 1);
            Assert.InRange(Ran.Count, Length + 1, Length + 1 + interrupted);
            crash.Disarm();
            await run.CompleteAsync(cancellation: Soon);
            ForgetWhatRan();
        }
        while (crash.HasCrashed);

        // The failure that starts it, the plan, and of each producer its turn, its start and its end: each of these was interrupted.
        Assert.InRange(rows, 2 + 3 * Length, 100);
    }

    private static async Task<ActionResult> ReadAsync(OrchestrationHandle run, string last)
    {
        while (true)
        {
            try
            {
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
                return (await run.MakeActionsAsync([Act("reader", [last])], key: "read", cancellation: patience.Token))[0];
            }
            catch (Exception e) when (e is OrchestrationException or OperationCanceledException)
            {
                // The crash is told to whoever waits, and who asks just then gets no answer; asking again finds what was stored.
            }
        }
    }

    /// <summary>Refuses one row, as a disk that fails does: whoever wrote it stops, and is made again from what it stored before.</summary>
    private sealed class CrashAt : IJournalInterceptor
    {
        private int _left = -1;

        public bool HasCrashed => Volatile.Read(ref _left) == 0;

        public void Arm(int row) => Volatile.Write(ref _left, row);

        public void Disarm()
        {
            if (!HasCrashed)
                Volatile.Write(ref _left, -1);
        }

        public Task InterceptAsync(IPersistentRepresentation message)
        {
            if (message.PersistenceId == "orchestration-index" || Volatile.Read(ref _left) <= 0)
                return Task.CompletedTask;
            return Interlocked.Decrement(ref _left) == 0 ? Task.FromException(new TestJournalFailureException("the disk is gone")) : Task.CompletedTask;
        }
    }
}
