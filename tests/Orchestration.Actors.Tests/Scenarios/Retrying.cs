using Orchestration.Actors.Client;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Retries;
using Orchestration.TestKit;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>What is tried again, how often and when; written as users write their tests.</summary>
public sealed class Retrying
{
    [Fact]
    public async Task An_action_that_fails_twice_succeeds_at_its_third_attempt_with_the_backoff_between()
    {
        await using var test = await OrchestrationTest.StartAsync();
        test.Whisk.On("echo").FailsFirst(2).Returns("7");
        var (result, run) = await MakeAsync(test, Every(TimeSpan.FromMinutes(1)));

        Assert.Equal("7", result.Result.ToString());
        run.ShouldHaveInvoked("echo").Times(3);
        var starts = run.Facts.OfType<AttemptStarted>().ToList();
        Assert.Equal([1, 2, 3], starts.Select(s => s.Attempt));
        Assert.All(starts.Zip(starts.Skip(1)), p => Assert.InRange(p.Second.Time - p.First.Time, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(80)));
    }

    [Fact]
    public async Task An_action_that_always_fails_gets_one_attempt_more_than_retries()
    {
        await using var test = await OrchestrationTest.StartAsync();
        test.Whisk.On("echo").Fails("E", "never");
        var (result, run) = await MakeAsync(test, Every(TimeSpan.FromSeconds(1), retries: 2));

        Assert.Equal((false, "never"), (result.Success, result.Failure!.Message));
        run.ShouldHaveInvoked("echo").Times(3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Being_turned_away_uses_up_no_retry(bool isThrottled)
    {
        await using var test = await OrchestrationTest.StartAsync();
        test.Whisk.On("echo").First(Enumerable.Repeat<ActionAnswer>(isThrottled ? new ActionAnswer.Throttled() : new ActionAnswer.Unreachable(), 6)).Returns("7");
        var (result, run) = await MakeAsync(test, Every(TimeSpan.FromSeconds(1), retries: 0));

        Assert.True(result.Success);
        run.ShouldHaveInvoked("echo").Times(7);
    }

    [Fact]
    public async Task Retries_are_counted_on_by_the_process_that_goes_on_after_a_crash()
    {
        await using var test = await OrchestrationTest.StartAsync();
        test.Whisk.On("echo").Fails("E", "never");
        test.CrashAfter<AttemptFailed>(nth: 2);
        var (result, run) = await MakeAsync(test, Every(TimeSpan.FromMinutes(1), retries: 2));

        Assert.False(result.Success);
        Assert.Equal(1, test.Crashes);
        run.ShouldHaveInvoked("echo").Times(3);
    }

    private static RetryPolicy Every(TimeSpan delay, int retries = 3) => new() { Retries = retries, Backoff = BackoffKind.Fixed, Initial = delay, Jitter = false };

    // A batch of one action.
    private static async Task<(ActionResult Result, TestRun Run)> MakeAsync(OrchestrationTest test, RetryPolicy policy)
    {
        var id = test.Client.NewId();
        var batch = new BatchSpec("b", [new ActionSpec("echo", JsonBytes.EmptyObject)], new BatchOptions(null, policy, Writers.Single));
        var results = await test.UntilDoneAsync(async client =>
        {
            await client.StartAsync(new StartRequest("test") { Id = id });
            return await client.MakeActionsAsync(id, batch);
        });
        return (results[0], await test.ReadAsync(id));
    }
}
