using CsCheck;
using Orchestration.Core.Dags;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Reports;
using Orchestration.Core.Retries;
using Orchestration.Core.State;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Dags;

public class RunDagTests
{
    private static ActionId Id(int number) => ActionId.Parse($"{number:x24}");

    private static ActionReport Action(int number, double start, double end, double queued = 0) => new(
        Id(number), $"s{number}", 0, "act", JsonBytes.EmptyObject, true, JsonBytes.Null, JsonBytes.Null, 0, 0,
        [new AttemptReport(1, null, TimeSpan.FromSeconds(queued), Given.At(start), Given.At(end), AttemptOutcome.Success, JsonBytes.Null)]);

    private static ObjectUsage Object(string name, int[] writers, params int[] readers) =>
        new(ObjectKey.Parse(name), Given.T0, Given.T0, 1, 1, null, null, [.. writers.Select(Id)], [.. readers.Select(Id)]);

    private static RunDag Dag(IEnumerable<ActionReport> actions, params IEnumerable<ObjectUsage> objects) => RunDag.Of(new OrchestrationReport(
        Given.Id, "demo", OrchestrationStatus.Completed, null, Given.T0, Given.At(99), TimeSpan.FromSeconds(99), TimeSpan.Zero, null, JsonBytes.Null, [], [.. actions], [.. objects], new ReportTotals(0, 0, 0, 0, 0, 0, 0, 0)));

    // 1 writes what 2 and 3 read; 4 reads what they wrote. 5 reads nothing and starts when 4 has ended.
    private static readonly RunDag Diamond = Dag(
        [Action(1, 0, 1), Action(2, 1, 4), Action(3, 1, 2), Action(4, 5, 6, queued: 1), Action(5, 6.5, 7, queued: 0.5)],
        Object("b/a", [1], 2, 3), Object("b/b", [2], 4), Object("b/c", [3], 4));

    [Fact]
    public void Who_reads_an_object_needs_who_wrote_it()
    {
        Assert.Equal([(2, 1, "b/a"), (3, 1, "b/a"), (4, 2, "b/b"), (4, 3, "b/c")], Diamond.Edges.Select(e => (Number(e.Reader), Number(e.Writer), e.Object.Value)));
        Assert.Equal([2, 3], Diamond.ParentsOf(Id(4)).Select(Number));
        Assert.Equal([2, 3, 1], Diamond.PrerequisitesOf(Id(4)).Select(Number));
        Assert.Empty(Diamond.PrerequisitesOf(Id(1)));
    }

    [Fact]
    public void The_critical_path_is_what_the_end_waited_for() => Assert.Equal([1, 2, 4, 5], Diamond.CriticalPath().Select(a => Number(a.Id)));

    [Fact]
    public void Writers_of_one_object_that_read_each_other_are_a_circle_and_no_trap()
    {
        var dag = Dag([Action(1, 0, 1), Action(2, 1, 2)], Object("b/log", [1, 2], 1, 2));

        Assert.Equal([2], dag.PrerequisitesOf(Id(1)).Select(Number));
        Assert.Equal([1, 2], dag.CriticalPath().Select(a => Number(a.Id)));
    }

    [Fact]
    public void Without_actions_there_is_nothing_to_wait_for() => Assert.Empty(Dag([]).CriticalPath());

    [Fact]
    public void Prerequisites_are_the_closure_of_parents_and_a_critical_path_goes_forward_in_time() =>
        Gen.Select(Gen.Int[1, 12], Gen.Select(Gen.Int[1, 12], Gen.Int[1, 12]).Array[0, 30], Gen.Select(Gen.Double[0, 50], Gen.Double[0, 20]).Array[12]).Sample((count, reads, times) =>
        {
            var edges = reads.Where(r => r.Item1 <= count && r.Item2 <= count && r.Item1 != r.Item2).Distinct().ToList();
            var dag = Dag(
                Enumerable.Range(1, count).Select(i => Action(i, times[i - 1].Item1, times[i - 1].Item1 + times[i - 1].Item2)),
                [.. edges.Select((e, i) => Object($"b/{i}", [e.Item1], e.Item2))]);
            var closure = new bool[count + 1, count + 1];
            foreach (var (writer, reader) in edges)
                closure[reader, writer] = true;
            for (var k = 1; k <= count; k++)
                for (var i = 1; i <= count; i++)
                    for (var j = 1; j <= count; j++)
                        closure[i, j] |= closure[i, k] && closure[k, j];
            var path = dag.CriticalPath();
            return Enumerable.Range(1, count).All(i => dag.PrerequisitesOf(Id(i)).Select(Number).Order().SequenceEqual(Enumerable.Range(1, count).Where(j => j != i && closure[i, j])))
                && path.Length > 0
                && path.Zip(path.Skip(1)).All(pair => pair.First.Attempts[^1].End <= pair.Second.Attempts[0].Start)
                && path.Sum(a => a.Attempts[^1].Duration!.Value.TotalSeconds) <= dag.Report.Actions.Max(a => a.Attempts[^1].End!.Value - Given.T0).TotalSeconds + 1e-6;
        });

    private static int Number(ActionId id) => int.Parse(id.Value, System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);
}
