using System.Collections.Immutable;
using System.Text;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Recovery;
using Orchestration.Core.Retries;
using Orchestration.Core.Serialization;
using Orchestration.Core.SharedObjects;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Serialization;

/// <summary>
/// The stored form of facts, one file per kind. Members are only ever added: a file here is never changed. When the written form gets a new
/// member, the new form gets a file of its own, and the older one moves to <see cref="OlderForms"/>, which are only read.
/// </summary>
public class GoldenTests
{
    private static readonly ActivationTiming Timing = new(Given.At(10.25), Given.At(11));

    private static readonly ObjectReport Objects = Given.Objects(
        [Given.Access("in/clip é.mp4", 5_000_000_000, 10.5) with { ETag = "\"abc\"" }],
        [Given.Access("out/a/b", 7, 10.75)],
        [Given.Access("in/gone", 0, 10.625)]);

    private static readonly RetryPolicy EveryMember = new()
    {
        Retries = 5,
        Backoff = BackoffKind.Fixed,
        Initial = TimeSpan.FromMilliseconds(1500),
        Factor = 1.5,
        Max = TimeSpan.FromMinutes(2),
        Jitter = false,
        AttemptTimeout = TimeSpan.FromHours(1),
        OverallTimeout = TimeSpan.FromDays(1),
        RetryOn = [AttemptOutcome.Lost, AttemptOutcome.Unknown],
        RetryCodes = ["E1"],
        NeverRetryCodes = ["E2", "404"],
    };

    private static readonly ActionSpec EverySpecMember = Given.Action("pkg/echo", """{"n":1.0,"é":"<ü>"}""") with
    {
        Reads = [ObjectKey.Parse("in/a")],
        Writes = [ObjectKey.Parse("out/b")],
        Retry = EveryMember,
    };

    private static readonly ActionSpec WithSecrets = Given.Action("call", """{"headers":{"auth":"Bearer ${{ secrets.KEY }}"}}""") with
    {
        Secrets = [new SecretReference("/headers/auth", 7, "KEY")],
    };

    private static readonly Dictionary<string, Fact> WrittenForms = new()
    {
        ["orchestrationStarted"] = new OrchestrationStarted(Given.T0, Given.Id, "démo", Given.Platform, Given.Pipeline("split", "combine"), JsonBytes.Parse("""{"cwd":"/x"}""")),
        ["orchestrationStarted.client"] = new OrchestrationStarted(Given.T0, Given.Id, "demo", new Platform("https://whisk.example:3233", "guest", ""), null, JsonBytes.Null),
        ["resumed"] = new Resumed(Given.At(0.1234567), "host/42/2026-03-04", 3),
        ["actionsAdded"] = new ActionsAdded(Given.T0, 2, 10, Given.FirstId, [EverySpecMember, Given.Action()]),
        ["batchSealed"] = new BatchSealed(Given.T0, 2, "transcode", "00ff", 12, new BatchOptions(4, EveryMember, Writers.Shared)),
        ["batchSealed.defaults"] = new BatchSealed(Given.T0, 0, "0", "00ff", 0, BatchOptions.Default),
        ["actionsAdded.secrets"] = new ActionsAdded(Given.T0, 0, 0, Given.FirstId, [WithSecrets]),
        ["batchSealed.bounds"] = new BatchSealed(Given.T0, 0, "0", "00ff", 1, BatchOptions.Default with { FailFast = true, Timeout = TimeSpan.FromMinutes(5) }),
        ["batchSealed.lines"] = new BatchSealed(Given.T0, 0, "0", "00ff", 1, BatchOptions.Default) { Source = new ItemSource(ItemKind.Lines, "in/names.txt", 12, "abc") },
        ["batchSealed.objects"] = new BatchSealed(Given.T0, 0, "0", "00ff", 1, BatchOptions.Default) { Source = new ItemSource(ItemKind.Objects, "in/", 3_000_000_000, null) },
        ["actionsClosed"] = new ActionsClosed(Given.At(15), 2, [new IndexRange(0, 3), new IndexRange(11, 1)], new Failure(Failure.StepTimeout, "late")),
        ["resultsCollected"] = new ResultsCollected(Given.At(15), 2, ObjectKey.Parse("out/é.jsonl"), 5_000_000_000, "abc"),
        ["actionsReopened"] = new ActionsReopened(Given.At(17), 2, [new IndexRange(0, 3), new IndexRange(11, 1)]),
        ["orchestrationReopened"] = new OrchestrationReopened(Given.At(17)),
        ["stepSkipped"] = new StepSkipped(Given.At(15), "notify", "its condition is false"),
        ["attemptStarted"] = new AttemptStarted(Given.At(9), 2, 11, Given.FirstId.Plus(1), 3, TimeSpan.FromMilliseconds(12.5)),
        ["attemptStarted.shared"] = new AttemptStarted(Given.At(9), 0, 1, Given.FirstId, 1, TimeSpan.FromSeconds(2))
        {
            Fencing = [new FencingNumber(ObjectKey.Parse("out/é"), 5_000_000_000)],
            WaitedForGrant = TimeSpan.FromSeconds(1.5),
        },
        ["activationAccepted"] = new ActivationAccepted(Given.At(9.5), 2, 11, 3, "3f1e0c9d"),
        ["attemptSucceeded"] = new AttemptSucceeded(Given.At(12), 2, 11, 3, "3f1e0c9d", Timing, JsonBytes.Parse("""{"file":"é","big":1e400}"""), Objects),
        ["attemptSucceeded.bare"] = new AttemptSucceeded(Given.At(12), 0, 0, 1, null, null, JsonBytes.EmptyObject, ObjectReport.None),
        ["attemptFailed"] = new AttemptFailed(
            Given.At(12), 2, 11, 3, "3f1e0c9d", Timing, AttemptOutcome.ApplicationError,
            new Failure("NoSuchKey", "gone", JsonBytes.Parse("""{"code":"NoSuchKey","message":"gone","meta":{"key":"in/gone"}}""")), Objects, Given.At(13), true),
        ["attemptFailed.final"] = new AttemptFailed(Given.At(12), 0, 0, 1, null, null, AttemptOutcome.Rejected, new Failure(null, "no"), ObjectReport.None, null, false),
        ["actionsAdded.job"] = new ActionsAdded(Given.T0, 3, 0, Given.FirstId, [Given.Action() with { Job = new RecoveryJob(Given.FirstId.Plus(9), [new Place(1, 2), new Place(3, 0)], [ObjectKey.Parse("out/b")]) }]),
        ["batchSealed.recovery"] = new BatchSealed(Given.T0, 3, "recovery#1", "", 1, BatchOptions.Default) { Recovery = true },
        ["attemptFailed.lost"] = new AttemptFailed(Given.At(12), 0, 0, 1, null, null, AttemptOutcome.InputMissing, new Failure("NoSuchKey", "gone"), ObjectReport.None, null, false) { Lost = [ObjectKey.Parse("in/é")] },
        ["inputsPlanned"] = new InputsPlanned(Given.At(12), 2, 11, [new Place(3, 0), new Place(3, 7)]),
        ["rerunGranted"] = new RerunGranted(Given.At(12), 3, 7),
        ["madeElsewhere"] = new MadeElsewhere(Given.At(12), 3, 7, Given.Id),
        ["inputsLost"] = new InputsLost(Given.At(12), 2, 11, new Failure("NO_PRODUCER", "in/a ← echo", JsonBytes.Parse("""{"code":"NO_PRODUCER"}"""))),
        ["objectsChanged"] = new ObjectsChanged(Given.At(12), [ObjectKey.Parse("out/b")]),
        ["changePlanned"] = new ChangePlanned(Given.At(12), [ObjectKey.Parse("out/b")]),
        ["lateOutcome"] = new LateOutcome(Given.At(14), 2, 11, 2, "3f1e0c9c", AttemptOutcome.Success),
        ["batchEnded"] = new BatchEnded(Given.At(15), 2),
        ["orchestrationCompleted"] = new OrchestrationCompleted(Given.At(16), JsonBytes.Parse("""["x"]""")),
        ["orchestrationFailed"] = new OrchestrationFailed(Given.At(16), new Failure("STEP_FAILED", "no", JsonBytes.Parse("1")), "transcode"),
        ["orchestrationCancelled"] = new OrchestrationCancelled(Given.At(16), "enough"),
    };

    private static readonly Dictionary<string, Fact> OlderForms = new()
    {
        // Members that this version does not know are passed over: a later version may have added them.
        ["older/unknown-members"] = new AttemptStarted(Given.At(9), 0, 1, Given.FirstId, 1, TimeSpan.Zero),
    };

    public static TheoryData<string> Written => [.. WrittenForms.Keys];

    public static TheoryData<string> All => [.. WrittenForms.Keys, .. OlderForms.Keys];

    [Theory]
    [MemberData(nameof(All))]
    public void A_stored_fact_is_read_as_it_was_meant(string name) =>
        Assert.Equal(new Commit([WrittenForms.GetValueOrDefault(name) ?? OlderForms[name]]), FactJson.Read(File(name)));

    [Theory]
    [MemberData(nameof(Written))]
    public void A_fact_is_written_as_it_is_stored(string name) =>
        Assert.Equal(Encoding.UTF8.GetString(File(name)).TrimEnd(), Encoding.UTF8.GetString(FactJson.Write(new Commit([WrittenForms[name]]))));

    [Fact]
    public void Every_kind_of_fact_has_a_file_and_every_file_is_read()
    {
        var kinds = typeof(Fact).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Fact)));
        Assert.Equal(kinds.Select(k => k.Name).Order(), WrittenForms.Values.Select(f => f.GetType().Name).Distinct().Order());
        var files = Directory.GetFiles(Folder, "*.json", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Folder, f).Replace('\\', '/')[..^5]);
        Assert.Equal(WrittenForms.Keys.Concat(OlderForms.Keys).Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
    }

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Golden", FactJson.CommitManifest);

    private static byte[] File(string name) => System.IO.File.ReadAllBytes(Path.Combine(Folder, $"{name}.json"));
}
