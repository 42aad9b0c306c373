using Orchestration.Core.Predictions;

namespace Orchestration.Core.Tests.Predictions;

public class RunHistoryTests
{
    private static readonly RunHistory History = RunHistory.Of(
    [
        Past.Run(2, 200, 4, [Past.Action(1, "split", 2, ["in/b.mp4"], Past.Object("mid/0_b", 3, 20, 1)), Past.Action(2, "join", 1, ["mid/0_b"], Past.Object("out/b", 1, 5, null))]),
        Past.Run(1, 100, 3, [Past.Action(1, "split", 1, ["in/a.mp4"], Past.Object("mid/0_a", 2, 10, 1)), Past.Action(2, "join", 3, ["mid/0_a"], Past.Object("out/a", 1, 5, null))]),
        Past.Run(3, 300, 9, [Past.Action(1, "split", 9)]) with { IsEnded = false },
        Past.Run(4, 400, 2, [Past.Action(1, "split", 7) with { IsRerun = true }, Past.Action(2, "idle", 0) with { Attempts = [] }]),
    ]);

    [Fact]
    public void Each_ended_run_is_one_observation_by_its_input()
    {
        Assert.Equal(3, History.Count);
        Assert.Equal([(100, 1), (200, 2)], History.RuntimesOf("split"));
        Assert.Equal(1.5, History.Predict("split", 150)!.Runtime.Value);
        Assert.Equal(["split", "join"], History.Actions);
    }

    [Fact]
    public void Re_runs_and_actions_that_never_ran_are_no_observations()
    {
        Assert.Null(History.Predict("idle", 100));
        Assert.Equal(2, History.Predict("split", 400)!.Runtime.Value);
        Assert.Equal(3.5, History.Without(2).PredictRun(150)!.Value);
    }

    [Fact]
    public void Parents_are_those_of_the_latest_run_that_had_the_action()
    {
        Assert.Equal([("split", 1)], History.ParentsOf("join"));
        Assert.Empty(History.ParentsOf("split"));
        Assert.Empty(History.ParentsOf("unknown"));
    }

    [Fact]
    public void A_backtest_measures_against_the_mean_of_the_others()
    {
        var line = Backtest.Of(History).Single(l => l is { Action: "split", What: Predicted.Runtime });

        // Either of the two is predicted as the other: both ways are off by 1.
        Assert.Equal((2, 1.0, 1.0, 1.5), (line.Observations, line.Error, line.NaiveError, line.Mean));
        Assert.DoesNotContain(Backtest.Of(History), l => l.Action == "idle");
    }
}
