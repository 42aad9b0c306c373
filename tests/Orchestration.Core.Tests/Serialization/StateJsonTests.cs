using System.Text;
using Orchestration.Core.Actions;
using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Retries;
using Orchestration.Core.Serialization;
using Orchestration.Core.State;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Serialization;

public class StateJsonTests
{
    [Fact]
    public void The_empty_state_is_one_piece_and_comes_back()
    {
        Assert.Single(StateJson.Write(OrchestrationState.Empty));
        Assert.Equal(StateText.Of(OrchestrationState.Empty), StateText.Of(StateText.ThroughJson(OrchestrationState.Empty)));
    }

    [Fact]
    public void A_large_state_is_written_in_pieces_near_one_megabyte_and_comes_back()
    {
        var actions = Enumerable.Range(0, 3000).Select(i => Given.Action("a", $"{{\"i\":{i},\"x\":\"{new string('x', 1000)}\"}}"));
        var desk = Desk.Started()
            .Do(Given.Add(Given.At(1), new BatchSpec("big", [.. actions], new BatchOptions(5, RetryPolicy.Default, Writers.Shared))))
            .Do(new StartAttempts(Given.At(2), 3))
            .Do(new ReportEnd(Given.At(3), Given.Attempt(0), Given.Failure(), 0.5))
            .Do(new ReportAccepted(Given.At(3), Given.Attempt(1), "act"))
            .Do(Given.Add(Given.At(4), Given.Batch("small", 1)))
            .Store(new ActionsAdded(Given.At(5), 2, 0, Given.FirstId, [Given.Action()]));
        var pieces = StateJson.Write(desk.State).ToList();
        Assert.InRange(pieces.Count, 3, 6);
        Assert.All(pieces, p => Assert.True(p.Length <= 1_000_000));
        Assert.Equal(StateText.Of(desk.State), StateText.Of(StateText.ThroughJson(desk.State)));
    }

    [Fact]
    public void An_end_comes_back_with_its_reason_and_output()
    {
        var failed = Desk.Started().Do(new Fail(Given.At(1), new Failure("E", "no", JsonBytes.Parse("{}")), "s")).State;
        Assert.Equal((failed.Failure, failed.EndedAt, failed.Status), (StateText.ThroughJson(failed).Failure, Given.At(1), OrchestrationStatus.Failed));
        var completed = Desk.Started().Do(new Complete(Given.At(1), JsonBytes.Parse("[1]"), false)).State;
        Assert.Equal("[1]", StateText.ThroughJson(completed).Output.ToString());
    }

    [Fact]
    public void A_record_of_an_unknown_kind_is_refused() => Assert.Equal(
        "'grant' is no state record known to this version; the data was written by a newer one.",
        Refused("""[{"r":"orchestration","status":0,"epoch":0,"output":null},{"r":"grant"}]"""));

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""[{"r":"action","id":"65e5560f00000000000000a0","readyAt":"2026-03-04T05:06:07Z"}]""")]
    [InlineData("""[{"r":"orchestration"}]""")]
    public void A_damaged_state_is_refused(string text) => Refused(text);

    private static string Refused(string text) =>
        Assert.Throws<FormatException>(() => StateJson.Read([Encoding.UTF8.GetBytes(text)])).Message;
}
