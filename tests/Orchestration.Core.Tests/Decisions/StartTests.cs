using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Retries;
using Orchestration.Core.State;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Decisions;

public class StartTests
{
    [Fact]
    public void A_start_stores_what_was_asked_and_the_first_owner()
    {
        var facts = new Desk().Decide(Given.Start(Given.T0, Given.Pipeline("a", "b"))).Facts;
        Assert.Equal(
            [
                new OrchestrationStarted(Given.T0, Given.Id, "demo", Given.Platform, Given.Pipeline("a", "b"), JsonBytes.Null),
                new Resumed(Given.T0, "here/1", 1),
            ],
            facts);
    }

    [Fact]
    public void A_started_orchestration_runs_and_has_its_owner()
    {
        var state = Desk.Started().State;
        Assert.Equal(OrchestrationStatus.Running, state.Status);
        Assert.Equal(("here/1", 1), (state.Owner, state.Epoch));
        Assert.False(state.Ended);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void A_name_is_needed(string name) =>
        Assert.Equal("An orchestration needs a name that is not empty.", new Desk().Refused(Given.Start(Given.T0, name: name), "BAD_NAME"));

    [Fact]
    public void The_same_start_again_changes_nothing_whenever_and_whoever_asks()
    {
        var desk = Desk.Started();
        Assert.Equal(Decision.Nothing, desk.Decide(Given.Start(Given.At(9), owner: "there/2")));
        desk.Do(new Complete(Given.At(10), JsonBytes.Null, false));
        Assert.Equal(Decision.Nothing, desk.Decide(Given.Start(Given.At(11))));
    }

    public static TheoryData<string> Differences => ["name", "platform", "pipeline", "steps", "clientData"];

    [Theory]
    [MemberData(nameof(Differences))]
    public void A_start_with_other_content_is_refused(string difference)
    {
        var first = Given.Start(Given.T0, Given.Pipeline("a"));
        var second = difference switch
        {
            "name" => first with { Name = "other" },
            "platform" => first with { Platform = Given.Platform with { Namespace = "other" } },
            "pipeline" => first with { Pipeline = null },
            "steps" => first with { Pipeline = Given.Pipeline("b") },
            _ => first with { ClientData = JsonBytes.Parse("1") },
        };
        var message = new Desk().Do(first).Refused(second, "ALREADY_STARTED");
        Assert.Equal($"The orchestration {Given.Id} was started before as 'demo' with other content; take a new id.", message);
    }

    [Fact]
    public void Nothing_but_a_start_is_taken_before_the_start()
    {
        var desk = new Desk();
        Assert.Equal("The orchestration was not started; start it first.", desk.Refused(Given.Add(Given.T0, Given.Batch("a", 1)), "NOT_STARTED"));
        desk.Refused(new Complete(Given.T0, JsonBytes.Null, false), "NOT_STARTED");
        desk.Refused(new Cancel(Given.T0, "why"), "NOT_STARTED");
        Assert.Equal(Decision.Nothing, desk.Decide(new Fail(Given.T0, new Failure(null, "no"), null)));
        Assert.Equal(Decision.Nothing, desk.Decide(new TakeOver(Given.T0, "here", Given.Platform)));
        Assert.Equal(Decision.Nothing, desk.Decide(new StartAttempts(Given.T0, 5)));
        Assert.Equal(Decision.Nothing, desk.Decide(new ReportEnd(Given.T0, Given.Attempt(), Given.Success(), 0)));
        Assert.Equal(Decision.Nothing, desk.Decide(new ReportAccepted(Given.T0, Given.Attempt(), "x")));
        Assert.Equal(Decision.Nothing, desk.Decide(new ReportCrash(Given.T0, Given.Attempt(), "x")));
    }

    [Fact]
    public void A_command_of_an_unknown_kind_is_a_bug() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Desk().Decide(new Unheard(Given.T0)));

    private sealed record Unheard(DateTimeOffset Time) : Command(Time);
}
