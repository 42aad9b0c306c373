using Orchestration.Actors.Hosting;
using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Facts;
using Orchestration.Core.Retries;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>A fan-out of 500 on a platform that does one thing wrong now and then: it completes, and each action succeeds once.</summary>
public sealed class SurvivingFaults : OrchestrationScenario
{
    private const int Actions = 500;

    // Where the invocation's fate is unknown a retry is used; of 500 actions one may meet the fault several times in a row.
    private const int Retries = 12;

    private ForwardingInvoker Forward { get; } = new();

    public static TheoryData<string, int> Matrix => new MatrixTheoryData<string, int>(
        ["drop-record", "delay-record", "force-202", "burst-429", "error-500", "error-503", "html-502", "reset-before", "reset-after", "slow"], [5, 20]);

    protected override void Options(OrchestrationOptions options)
    {
        options.MaxInFlight = 100;
        options.UseInvoker(_ => Forward, Here);
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task It_completes(string fault, int percent)
    {
        var whisk = new FaultyWhisk(Clock, fault, percent);
        Forward.Target = whisk;
        var orchestration = await StartAsync();
        var results = Client.MakeActionsAsync(orchestration.Id, Batch("b", Every(TimeSpan.FromSeconds(1), Retries), [.. Echoes(Actions)]), Soon);
        // A refusal that does not say why is waited out until the next clock minute once nothing else is in flight.
        await PassUntilAsync(fault == "burst-429" ? TimeSpan.FromSeconds(60) : TimeSpan.FromSeconds(2), () => results.IsCompleted);

        Assert.All(await results, r => Assert.True(r.Success));
        var facts = await FactsAsync(orchestration.Id);
        var started = facts.OfType<AttemptStarted>().Count();
        var failed = facts.OfType<AttemptFailed>().CountBy(f => AttemptOutcomes.NameOf(f.Outcome)).OrderBy(c => c.Key).Select(c => $"{c.Key} {c.Value}");
        TestContext.Current.TestOutputHelper!.WriteLine($"{fault} at {percent} %: struck {whisk.Struck} times, {started} attempts, failed: {string.Join(", ", failed)}");
        Assert.InRange(whisk.Struck, 1, Actions);
        Assert.Equal(Actions, facts.OfType<AttemptSucceeded>().DistinctBy(f => f.Index).Count());
        Assert.Equal(Actions, facts.OfType<AttemptSucceeded>().Count());
        // One POST for each stored start of an attempt.
        Assert.Equal(started, whisk.Posts.Count);
        Assert.All(whisk.Posts.Values, n => Assert.Equal(1, n));
        Assert.Equal(started, Actions + facts.OfType<AttemptFailed>().Count());
    }
}
