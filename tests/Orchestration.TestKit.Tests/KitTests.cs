using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Retries;
using Orchestration.Workflows;

namespace Orchestration.TestKit.Tests;

/// <summary>The kit itself: what its scripts do, what its assertions say, and that its checks find what is wrong.</summary>
public sealed class KitTests
{
    private static WorkflowFile One(string action, string more = "") => WorkflowFile.Parse($"name: one\nsteps:\n  - {{ id: a, action: {action}{more} }}\noutput: \"${{{{ steps.a.result }}}}\"\n", "one.yaml");

    [Fact]
    public async Task An_action_that_nobody_scripted_is_not_there()
    {
        await using var test = await OrchestrationTest.StartAsync();
        test.Whisk.On("known");

        (await test.RunAsync(One("unknown"))).ShouldHaveFailed("has no action 'unknown'; it has known");
    }

    [Theory]
    [InlineData(nameof(ActionAnswer.Throttled), AttemptOutcome.Throttled)]
    [InlineData(nameof(ActionAnswer.Unreachable), AttemptOutcome.Unavailable)]
    [InlineData(nameof(ActionAnswer.Crash), AttemptOutcome.DeveloperError)]
    [InlineData(nameof(ActionAnswer.Error), AttemptOutcome.ApplicationError)]
    [InlineData(nameof(ActionAnswer.Lost), AttemptOutcome.Lost)]
    public async Task What_goes_wrong_first_is_tried_again(string kind, AttemptOutcome outcome)
    {
        await using var test = await OrchestrationTest.StartAsync();
        ActionAnswer answer = kind switch
        {
            nameof(ActionAnswer.Throttled) => new ActionAnswer.Throttled(),
            nameof(ActionAnswer.Unreachable) => new ActionAnswer.Unreachable(),
            nameof(ActionAnswer.Crash) => new ActionAnswer.Crash("died"),
            nameof(ActionAnswer.Lost) => new ActionAnswer.Lost(),
            _ => new ActionAnswer.Error("E", "no"),
        };
        test.Whisk.On("a").First(answer).Returns(r => $$"""{"attempt":{{r.Attempt}}}""");

        var run = (await test.RunAsync(One("a"))).ShouldHaveCompleted().ShouldHaveOutput("""{ "attempt": 2 }""");

        Assert.Equal(outcome, Assert.Single(run.Facts.OfType<AttemptFailed>()).Outcome);
    }

    [Fact]
    public async Task A_long_activation_goes_on_when_the_process_dies_and_is_awaited_not_repeated()
    {
        await using var test = await OrchestrationTest.StartAsync();
        test.Whisk.On("a").Takes(TimeSpan.FromHours(2)).Returns("""{"done":true}""");
        test.CrashAfter<ActivationAccepted>();

        var run = await test.RunAsync(One("a"));

        run.ShouldHaveCompleted().ShouldHaveInvoked("a").Once();
        Assert.Equal((1, 2), (test.Crashes, run.Facts.OfType<Resumed>().Last().Epoch));
        Assert.InRange(run.Report.TimeTaken, TimeSpan.FromHours(2), TimeSpan.FromHours(2.2));
    }

    [Fact]
    public async Task Assertions_say_what_was_expected_and_what_was()
    {
        await using var test = await OrchestrationTest.StartAsync();
        test.Whisk.On("a").Fails("E", "no luck");
        var run = await test.RunAsync(One("a", ", retry: { retries: 1 }"));

        Assert.Contains("should have completed, and is failed", Said(() => run.ShouldHaveCompleted()), StringComparison.Ordinal);
        Assert.Contains("a[0] a: failed, attempts: ApplicationError, ApplicationError", Said(() => run.ShouldHaveCompleted()), StringComparison.Ordinal);
        Assert.Contains("invoked 'a' 1 times, and did 2 times", Said(() => run.ShouldHaveInvoked("a").Once()), StringComparison.Ordinal);
        Assert.Contains("at least 3 times", Said(() => run.ShouldHaveInvoked("a").AtLeast(3)), StringComparison.Ordinal);
        Assert.Contains("failed with 'other'", Said(() => run.ShouldHaveFailed("other")), StringComparison.Ordinal);
        Assert.Contains("given back 1, and gave back null", Said(() => run.ShouldHaveOutput("1")), StringComparison.Ordinal);
        run.ShouldHaveFailed("no luck").ShouldNotHaveInvoked("b");
    }

    [Fact]
    public async Task The_check_finds_a_pipeline_that_comes_out_otherwise_after_a_crash()
    {
        // A program that counts how often it was begun is none that may be begun again.
        var begun = 0;
        var found = await Assert.ThrowsAsync<OrchestrationAssertionException>(() => CrashCheck.AtEveryRowAsync(
            test =>
            {
                begun = 0;
                test.Whisk.On("a");
                return test.RunProgramAsync("counting");
            },
            options => options.AddProgram("counting", async (run, _, cancellation) =>
            {
                begun++;
                await run.MakeActionsAsync([new("a", JsonBytes.EmptyObject)], cancellation: cancellation);
                return JsonBytes.Parse(begun.ToString(System.Globalization.CultureInfo.InvariantCulture));
            })));

        Assert.Contains("it gave back 2 instead of 1", found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_end_is_told_with_what_was_invoked()
    {
        await using var test = await OrchestrationTest.StartAsync();
        test.Patience = TimeSpan.FromSeconds(2);
        test.Whisk.On("a").First(Enumerable.Repeat(new ActionAnswer.Throttled(), 1_000_000));

        Assert.Contains("Invoked so far: a ", (await Assert.ThrowsAsync<TimeoutException>(() => test.RunAsync(One("a")))).Message, StringComparison.Ordinal);
        Assert.Contains("there are none", Assert.Throws<ArgumentException>(() => test.Objects.Lose("a/b")).Message, StringComparison.Ordinal);
    }

    private static string Said(Action assertion) => Assert.Throws<OrchestrationAssertionException>(assertion).Message;
}
