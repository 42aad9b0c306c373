using CsCheck;
using Orchestration.Host.Progress;

namespace Orchestration.Host.Tests.Progress;

public sealed class RunProgressTests
{
    [Fact]
    public void Each_action_is_counted_where_it_is()
    {
        var run = new RunScript("s").Seal("s", 10).Start("s", 0, 1, 2, 3, 4).Succeed("s", 0).Fail("s", 1, retryIn: 5).Fail("s", 2, lacks: "b/k").Fail("s", 3);

        Assert.Equal((1, 1, 1, 1, 1, 8), Counts(run.Step("s")));
        Assert.Equal((1, 1, 3, 0, 0, 8), Counts(run.Start("s", 1, 2).Step("s")));
        Assert.Equal((1, 1, 1, 1, 1, 8), Counts(run.Fail("s", 1, retryIn: 5).Fail("s", 2, lacks: "b/k").Step("s")));
        Assert.Equal((1, 2, 1, 1, 0, 7), Counts(run.GiveUp("s", 2).Step("s")));
        Assert.Equal((1, 8, 1, 0, 0, 1), Counts(run.Close("s", 5, 5).Close("s", 1, 1).Step("s")));
    }

    [Fact]
    public void The_rate_is_that_of_the_latest_ten_seconds()
    {
        var run = new RunScript("s").Seal("s", 1000).Start("s", Enumerable.Range(0, 1000));

        for (var second = 0; second < 20; second++)
            run.Wait(1).Succeed("s", Enumerable.Range(second * 5, 5));
        Assert.InRange(run.Step("s").Rate(run.Now), 4.9, 5.6);
        for (var second = 20; second < 40; second++)
            run.Wait(1).Succeed("s", Enumerable.Range(100 + (second - 20) * 20, 20));
        Assert.InRange(run.Step("s").Rate(run.Now), 19.9, 22.1);
        Assert.Equal(0, run.Wait(60).Step("s").Rate(run.Now));
    }

    [Theory]
    [InlineData(100, 5, "parallelism 5", 5)]
    [InlineData(100, null, "namespace limit 30", 30)]
    [InlineData(100, 30, "parallelism 30", 30)]
    [InlineData(100, 31, "namespace limit 30", 30)]
    [InlineData(20, null, null, 0)]
    [InlineData(5, 5, null, 0)]
    public void What_binds_a_step_is_the_lowest_of_what_there_is_unless_all_can_run(int count, int? parallelism, string? what, int atOnce)
    {
        var run = new RunScript("s").Seal("s", count, parallelism);

        var bound = Bound.Of(run.Step("s"), run.Log.Progress.Steps, new RunLimits(30, 1000));

        Assert.Equal((what, atOnce), (bound?.What, bound?.AtOnce ?? 0));
    }

    [Fact]
    public void Steps_that_run_at_the_same_time_share_the_namespace_and_a_small_pool_binds_before_it()
    {
        var run = new RunScript("s", "t").Seal("s", 100).Seal("t", 100, 10);

        Assert.Equal(new Bound("namespace limit 30", 30), Bound.Of(run.Step("s"), run.Log.Progress.Steps, new RunLimits(30, 1000)));
        Assert.Equal(new Bound("pool 12", 12), Bound.Of(run.Step("s"), run.Log.Progress.Steps, new RunLimits(30, 12)));
        Assert.Equal(new Bound("parallelism 10", 10), Bound.Of(run.Step("t"), run.Log.Progress.Steps, new RunLimits(30, 12)));
        Assert.Equal(new Bound("pool 8", 8), Bound.Of(run.Step("t"), run.Log.Progress.Steps, new RunLimits(30, 8)));
    }

    [Fact]
    public void The_least_time_is_that_of_the_attempts_in_turns()
    {
        var run = new RunScript("s").Seal("s", 11, 4).Start("s", 0, 1);
        var step = run.Step("s");
        var bound = Bound.Of(step, run.Log.Progress.Steps, new RunLimits(30, 1000))!;
        Assert.Null(bound.LeastTime(step));

        run.Wait(2).Succeed("s", 0).Wait(2).Succeed("s", 1);

        // 9 are left, 4 at once are 3 turns of the 3 s that an attempt takes on average.
        Assert.Equal(TimeSpan.FromSeconds(9), bound.LeastTime(step));
        Assert.Equal("parallelism 4: at least 9.00 s more", bound.Describe(step));
    }

    [Fact]
    public void What_the_platform_measured_counts_for_the_least_time_and_not_what_was_waited_here()
    {
        var run = new RunScript("s").Seal("s", 9, 4).Start("s", 0).Wait(10).SucceedIn(0.5, "s", 0);
        var step = run.Step("s");

        Assert.Equal(TimeSpan.FromSeconds(1), Bound.Of(step, run.Log.Progress.Steps, new RunLimits(30, 1000))!.LeastTime(step));
    }

    [Fact]
    public void No_order_of_facts_makes_a_screen_wider_or_higher_than_the_terminal()
    {
        var names = Gen.String[Gen.Char['a', 'z'], 1, 60];
        Gen.Select(names.List[1, 40], Gen.Int[1, 100_000], Gen.Int[40, 200], Gen.Int[6, 60], Gen.Int[0, 40]).Sample((steps, count, width, height, started) =>
        {
            string[] ids = [.. steps.Select((name, i) => $"{name}{i}")];
            var run = new RunScript(ids);
            foreach (var id in ids.Take(started))
                run.Seal(id, count, 7).Start(id, 0).Wait(1.5).Fail(id, 0, retryIn: 1);

            var screen = run.Screen(width, height);

            Assert.All(screen, line => Assert.True(line.Length < width, line));
            Assert.InRange(screen.Length, 1, Math.Max(height - 1, 3));
        }, iter: 300);
    }

    private static (int Succeeded, int Failed, int Running, int Retrying, int Recovering, int Left) Counts(StepProgress step) =>
        (step.Succeeded, step.Failed, step.Running, step.Retrying, step.Recovering, step.Left);
}
