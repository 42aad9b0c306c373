using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Recovery;
using Orchestration.Core.Retries;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Decisions;

/// <summary>When an object that was made again counts as different.</summary>
public class ChangedContentTests
{
    private static readonly ObjectKey Key = ObjectKey.Parse("b/x");

    [Theory]
    [InlineData("http://minio:9000", "\"a\"", 5, "\"a\"", 5, false)]
    [InlineData("http://minio:9000", "\"a\"", 5, "\"b\"", 5, true)]
    [InlineData("http://minio:9000", null, 5, "\"b\"", 5, false)]
    [InlineData("http://minio:9000", null, 5, null, 6, true)]
    [InlineData("file:/data/store", "5-17a", 5, "5-17b", 5, false)]
    [InlineData("file:/data/store", "5-17a", 5, "6-17b", 6, true)]
    public void By_its_tag_and_by_its_size_where_there_is_none_or_the_tag_is_a_time(string store, string? tag, long size, string? newTag, long newSize, bool differs)
    {
        var start = Given.Start(Given.T0) with { Platform = Given.Platform with { ObjectStore = store } };
        var desk = new Desk().Do(start)
            .Do(Given.Add(Given.T0, Given.Batch("make", 1))).Do(new StartAttempts(Given.T0, 1)).Do(Writes(0, size, tag))
            .Do(Given.Add(Given.T0, Given.Batch("read", 1), firstId: Given.FirstId.Plus(1))).Do(new StartAttempts(Given.T0, 1));
        var lineage = new Lineage();
        foreach (var commit in desk.Log)
            lineage.Add(commit);
        var gone = Failure.FromActionError(Json.JsonBytes.Parse("""{"code":"NoSuchKey","message":"gone","meta":{"key":"b/x"}}"""));
        var plan = new RecoveryPlan([new PlannedJob(lineage.Producer(Key)!, [], [Key])], new Dictionary<ObjectKey, KeyPlan> { [Key] = new(0, null) });
        desk.Do(new ReportEnd(Given.T0, Given.Attempt(batch: 1), new InvokeReply.Failed(null, null, AttemptOutcome.ApplicationError, gone, ObjectReport.None), 0) { Recovery = RecoveryPolicy.Default })
            .Do(new StartRecovery(Given.T0, [new Place(1, 0)], plan, desk.Log.Count, RecoveryPolicy.Default))
            .Do(new GrantReruns(Given.T0, [new Place(2, 0)])).Do(new StartAttempts(Given.T0, 1));

        Assert.Equal(differs, desk.Decide(Writes(2, newSize, newTag)).Facts.OfType<ObjectsChanged>().Any());
    }

    private static ReportEnd Writes(int batch, long size, string? tag) =>
        new(Given.T0, Given.Attempt(batch: batch), Given.Success(objects: Given.Objects(writes: [new ObjectAccess(Key, size, tag, Given.T0)])), 0) { Recovery = RecoveryPolicy.Default with { OnChange = OnChange.Invalidate } };
}
