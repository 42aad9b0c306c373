using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Recovery;
using Orchestration.Core.Retries;

namespace Orchestration.Persistence.Contract;

/// <summary>Runs as facts, to be applied to a catalog.</summary>
public static class CatalogRuns
{
    public static readonly DateTimeOffset Start = new(2026, 3, 4, 5, 6, 7, 123, TimeSpan.Zero);

    public static OrchestrationId Id(int number) => OrchestrationId.Parse(ObjectIdText.Compose(Start.AddMinutes(number), 0xABCDEF, (uint)number));

    public static ActionId FirstAction(int run) => ActionId.Parse(ObjectIdText.Compose(Start.AddMinutes(run), 0x123456, 0));

    /// <summary>The commits of a run of two actions: the first succeeds at once, the second fails once and then succeeds. With the other runs here, every kind of fact is there.</summary>
    public static ImmutableArray<StoredCommit> Completed(int run = 0, string name = "video") => Number(
        [Started(run, name)],
        [
            new ActionsAdded(At(run, 1), 0, 0, FirstAction(run), [Spec("splitter"), Spec("transcoder")]),
            new BatchSealed(At(run, 1), 0, "split", "hash", 2, BatchOptions.Default with { Parallelism = 2 }),
            new AttemptStarted(At(run, 2), 0, 0, FirstAction(run), 1, TimeSpan.FromSeconds(1)),
            new AttemptStarted(At(run, 2), 0, 1, FirstAction(run).Plus(1), 1, TimeSpan.FromSeconds(1)),
        ],
        [new ActivationAccepted(At(run, 3), 0, 0, 1, "act-1")],
        [
            new AttemptSucceeded(
                At(run, 5), 0, 0, 1, "act-1", new ActivationTiming(At(run, 2.5), At(run, 4)), JsonBytes.EmptyObject,
                new ObjectReport([Access(run, "in/clip.mp4", 100)], [Access(run, "out/1.mp4", 40), Access(run, "out/2.mp4", 60)], [])),
            new AttemptFailed(
                At(run, 6), 0, 1, 1, null, null, AttemptOutcome.ApplicationError, new Failure("NoSuchKey", "gone"),
                new ObjectReport([], [], [Access(run, "out/9.mp4", 0)]), At(run, 7), true),
        ],
        [
            new AttemptStarted(At(run, 7), 0, 1, FirstAction(run).Plus(1), 2, TimeSpan.Zero),
            new LateOutcome(At(run, 8), 0, 1, 1, "act-2", AttemptOutcome.Timeout),
            new AttemptSucceeded(At(run, 9), 0, 1, 2, "act-3", new ActivationTiming(At(run, 7), At(run, 8.5)), JsonBytes.EmptyObject, ObjectReport.None),
            new BatchEnded(At(run, 9), 0),
        ],
        [new Resumed(At(run, 10), "host/1", 2), new OrchestrationCompleted(At(run, 11), JsonBytes.Null)]);

    /// <summary>A run whose only action fails for good.</summary>
    public static ImmutableArray<StoredCommit> Failed(int run, string name = "video") => Number(
        [
            Started(run, name),
            new ActionsAdded(At(run, 1), 0, 0, FirstAction(run), [Spec("splitter")]),
            new BatchSealed(At(run, 1), 0, "split", "hash", 1, BatchOptions.Default with { Writers = Writers.Shared }),
            new AttemptStarted(At(run, 2), 0, 0, FirstAction(run), 1, TimeSpan.Zero),
            new AttemptFailed(At(run, 4), 0, 0, 1, "act", null, AttemptOutcome.Rejected, new Failure("403", "no"), ObjectReport.None, null, false),
            new OrchestrationFailed(At(run, 5), new Failure("STEP_FAILED", "split failed"), "split"),
        ]);

    /// <summary>A run that failed and was retried: by the third row the actions wait again, the fourth completes it.</summary>
    public static ImmutableArray<StoredCommit> Retried(int run, string name = "video") => Number(
        [
            Started(run, name),
            new ActionsAdded(At(run, 1), 0, 0, FirstAction(run), [Spec("a"), Spec("b"), Spec("b")]),
            new BatchSealed(At(run, 1), 0, "all", "hash", 3, BatchOptions.Default),
            new AttemptStarted(At(run, 2), 0, 1, FirstAction(run).Plus(1), 1, TimeSpan.Zero),
            new AttemptFailed(At(run, 4), 0, 1, 1, "act-1", null, AttemptOutcome.Rejected, new Failure("403", "no"), ObjectReport.None, null, false),
            new ActionsClosed(At(run, 4), 0, [new IndexRange(0, 1), new IndexRange(2, 1)], new Failure(Failure.FailFast, "not run")),
            new BatchEnded(At(run, 4), 0),
        ],
        [new OrchestrationFailed(At(run, 5), new Failure("STEP_FAILED", "all failed"), "all")],
        [new OrchestrationReopened(At(run, 20)), new Resumed(At(run, 20), "host/2", 2), new ActionsReopened(At(run, 20), 0, [new IndexRange(0, 3)])],
        [
            .. Enumerable.Range(0, 3).SelectMany<int, Fact>(i =>
            [
                new AttemptStarted(At(run, 21), 0, i, FirstAction(run).Plus(i), i == 1 ? 2 : 1, TimeSpan.Zero),
                new AttemptSucceeded(At(run, 22), 0, i, i == 1 ? 2 : 1, $"act-2{i}", null, JsonBytes.EmptyObject, ObjectReport.None),
            ]),
            new BatchEnded(At(run, 22), 0),
            new OrchestrationCompleted(At(run, 23), JsonBytes.Null),
        ]);

    /// <summary>A run whose batch fails fast: one action fails, two are closed. It goes on all the same, passes a step over and collects the results.</summary>
    public static ImmutableArray<StoredCommit> FailedFast(int run, string name = "video") => Number(
        [
            Started(run, name),
            new ActionsAdded(At(run, 1), 0, 0, FirstAction(run), [Spec("a"), Spec("a"), Spec("a")]),
            new BatchSealed(At(run, 1), 0, "many", "hash", 3, BatchOptions.Default with { FailFast = true, Timeout = TimeSpan.FromMinutes(1) }) { Source = new ItemSource(ItemKind.Lines, "in/names.txt", 10, "tag") },
            new AttemptStarted(At(run, 2), 0, 1, FirstAction(run).Plus(1), 1, TimeSpan.Zero),
            new AttemptFailed(At(run, 4), 0, 1, 1, "act", null, AttemptOutcome.Rejected, new Failure("403", "no"), ObjectReport.None, null, false),
            new ActionsClosed(At(run, 4), 0, [new IndexRange(0, 1), new IndexRange(2, 1)], new Failure(Failure.FailFast, "not run")),
            new BatchEnded(At(run, 4), 0),
        ],
        [
            new StepSkipped(At(run, 5), "notify", "its condition is false"),
            new ResultsCollected(At(run, 5), 0, ObjectKey.Parse("out/all.jsonl"), 15, "tag"),
            new OrchestrationCompleted(At(run, 6), JsonBytes.Null),
        ]);

    /// <summary>A run that makes a lost object again, finds it lost once more, and fails.</summary>
    public static ImmutableArray<StoredCommit> LostObjects(int run, string name = "video")
    {
        var x = ObjectKey.Parse("b/x");
        var wrote = new ObjectReport([], [new ObjectAccess(x, 7, "tag", At(run, 3))], []);
        var lacked = new AttemptFailed(At(run, 4), 0, 1, 1, "act", null, AttemptOutcome.InputMissing, new Failure("NoSuchKey", "gone"), new ObjectReport([], [], [new ObjectAccess(x, 0, null, At(run, 4))]), null, false) { Lost = [x] };
        return Number(
            [
                Started(run, name),
                new ActionsAdded(At(run, 1), 0, 0, FirstAction(run), [Spec("a"), Spec("reader")]),
                new BatchSealed(At(run, 1), 0, "all", "hash", 2, BatchOptions.Default),
                new AttemptStarted(At(run, 2), 0, 0, FirstAction(run), 1, TimeSpan.Zero),
                new AttemptSucceeded(At(run, 3), 0, 0, 1, "act-1", null, JsonBytes.EmptyObject, wrote),
                new AttemptStarted(At(run, 3), 0, 1, FirstAction(run).Plus(1), 1, TimeSpan.Zero),
                lacked,
            ],
            [
                new ActionsAdded(At(run, 5), 1, 0, FirstAction(run).Plus(9), [Spec("a") with { Job = new RecoveryJob(FirstAction(run), [], [x]) }]),
                new BatchSealed(At(run, 5), 1, "recovery#1", "", 1, BatchOptions.Default) { Recovery = true },
                new InputsPlanned(At(run, 5), 0, 1, [new Place(1, 0)]),
                new RerunGranted(At(run, 5), 1, 0),
                new AttemptStarted(At(run, 5), 1, 0, FirstAction(run), 1, TimeSpan.Zero),
                new AttemptSucceeded(At(run, 6), 1, 0, 1, "act-2", null, JsonBytes.EmptyObject, wrote),
                new BatchEnded(At(run, 6), 1),
                new ObjectsChanged(At(run, 6), [x]),
                new ChangePlanned(At(run, 6), [x]),
            ],
            [
                new AttemptStarted(At(run, 7), 0, 1, FirstAction(run).Plus(1), 2, TimeSpan.Zero),
                lacked with { Time = At(run, 8), Attempt = 2 },
                new InputsLost(At(run, 9), 0, 1, new Failure("RECOVERY_CHASES", "b/x ← reader")),
                new BatchEnded(At(run, 9), 0),
                new OrchestrationFailed(At(run, 9), new Failure("STEP_FAILED", "all failed"), "all"),
            ]);
    }

    /// <summary>A run whose reader lacks an object that another run makes again meanwhile.</summary>
    public static ImmutableArray<StoredCommit> MadeByAnother(int run, string name = "video")
    {
        var x = ObjectKey.Parse("b/x");
        var lacked = new AttemptFailed(At(run, 3), 0, 0, 1, null, null, AttemptOutcome.InputMissing, new Failure("NoSuchKey", "gone"), new ObjectReport([], [], [new ObjectAccess(x, 0, null, At(run, 3))]), null, false) { Lost = [x] };
        return Number(
            [
                Started(run, name),
                new ActionsAdded(At(run, 1), 0, 0, FirstAction(run), [Spec("reader")]),
                new BatchSealed(At(run, 1), 0, "all", "hash", 1, BatchOptions.Default),
                new AttemptStarted(At(run, 2), 0, 0, FirstAction(run), 1, TimeSpan.Zero),
                lacked,
            ],
            [
                new ActionsAdded(At(run, 4), 1, 0, FirstAction(run).Plus(9), [Spec("a") with { Job = new RecoveryJob(FirstAction(run).Plus(50), [], [x]) }]),
                new BatchSealed(At(run, 4), 1, "recovery#1", "", 1, BatchOptions.Default) { Recovery = true },
                new InputsPlanned(At(run, 4), 0, 0, [new Place(1, 0)]),
                new MadeElsewhere(At(run, 5), 1, 0, Id(run + 1)),
                new BatchEnded(At(run, 5), 1),
                new AttemptStarted(At(run, 5), 0, 0, FirstAction(run), 2, TimeSpan.Zero),
                new AttemptSucceeded(At(run, 6), 0, 0, 2, "act-1", null, JsonBytes.EmptyObject, new ObjectReport([new ObjectAccess(x, 7, "tag", At(run, 6))], [], [])),
                new BatchEnded(At(run, 6), 0),
                new OrchestrationCompleted(At(run, 6), JsonBytes.Null),
            ]);
    }

    public static ImmutableArray<StoredCommit> Cancelled(int run, string name = "video") =>
        Number([Started(run, name), new OrchestrationCancelled(At(run, 5), "by hand")]);

    public static ImmutableArray<StoredCommit> Running(int run, string name = "video") => Number([Started(run, name)]);

    public static DateTimeOffset At(int run, double seconds) => Start.AddMinutes(run).AddSeconds(seconds);

    public static CatalogBatch Batch(int run, IEnumerable<StoredCommit> commits) => new(Id(run), [.. commits]);

    private static OrchestrationStarted Started(int run, string name) =>
        new(At(run, 0), Id(run), name, new Platform("local", "_", "file:/objects"), null, JsonBytes.Null);

    private static ActionSpec Spec(string name) => new(name, JsonBytes.EmptyObject);

    private static ObjectAccess Access(int run, string key, long size) => new(ObjectKey.Parse(key), size, size == 0 ? null : "tag", At(run, 3));

    private static ImmutableArray<StoredCommit> Number(params ImmutableArray<Fact>[] commits) =>
        [.. commits.Select((facts, i) => new StoredCommit(i + 1, new Commit(facts)))];
}
