using Orchestration.Actors.Hosting;
using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Retries;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>Activations that go on after their 202: how many requests it takes to see their ends, and how late they are seen.</summary>
public sealed class AwaitingActivations : OrchestrationScenario
{
    private ListedWhisk? _whisk;

    private ListedWhisk Whisk
    {
        get => _whisk!;
        set
        {
            _whisk = value;
            Forward.Target = value;
        }
    }

    private ForwardingInvoker Forward { get; } = new();

    protected override void Options(OrchestrationOptions options)
    {
        options.MaxInFlight = 2000;
        options.UseInvoker(_ => Forward, Here);
    }

    [Fact]
    public async Task A_thousand_of_30_seconds_each_take_less_than_one_request_apiece_beyond_the_POST()
    {
        Whisk = new ListedWhisk(Clock, n => TimeSpan.FromMilliseconds(30_000 + n % 500));
        var late = (await RunAsync(1000)).Values.ToList();

        var requests = (await Client.GetPacingAsync(Soon)).Requests;
        TestContext.Current.TestOutputHelper!.WriteLine($"{requests.ToText()}; seen {late.Max()} late at most");
        Assert.Equal((1000, Whisk.Looks, Whisk.Pages), (requests.Invocations, requests.Looks, requests.ListPages));
        Assert.InRange(requests.Looks + requests.ListPages, 1, 999);
        Assert.All(late, l => Assert.InRange(l, TimeSpan.Zero, TimeSpan.FromSeconds(7)));
    }

    [Fact]
    public async Task What_is_known_of_an_action_brings_looks_close_to_its_ends()
    {
        Whisk = new ListedWhisk(Clock, n => TimeSpan.FromMilliseconds(30_000 + n % 7 * 100));
        await RunAsync(20);
        var late = await RunAsync(20);

        Assert.All(late.Values, l => Assert.InRange(l, TimeSpan.Zero, TimeSpan.FromSeconds(1.9)));
    }

    [Fact]
    public async Task What_the_list_leaves_out_is_found_by_a_look_of_its_own()
    {
        static bool IsLeftOut(string id) => id.Length == 2 || id is "a10" or "a11";
        Whisk = new ListedWhisk(Clock, _ => TimeSpan.FromSeconds(20)) { IsLeftOut = IsLeftOut };
        var late = await RunAsync(30);

        var (leftOut, listed) = (late.Where(l => IsLeftOut(l.Key)).Select(l => l.Value).ToList(), late.Where(l => !IsLeftOut(l.Key)).Select(l => l.Value).ToList());
        Assert.Equal((12, 18), (leftOut.Count, listed.Count));
        Assert.All(listed, l => Assert.InRange(l, TimeSpan.Zero, TimeSpan.FromSeconds(7)));
        Assert.All(leftOut, l => Assert.InRange(l, TimeSpan.Zero, TimeSpan.FromSeconds(50)));
        // How many of them exactly waited so long is chance: when few looks fall together, each is a look of its own anyway.
        Assert.Contains(leftOut, l => l > TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Where_there_is_no_list_each_is_looked_at_by_itself()
    {
        Whisk = new ListedWhisk(Clock, _ => TimeSpan.FromSeconds(10)) { Lists = false };
        await RunAsync(30);

        Assert.Equal(0, Whisk.Pages);
        Assert.InRange(Whisk.Looks, 30, 30 * 12);
    }

    [Fact]
    public async Task A_few_are_looked_at_without_a_list()
    {
        Whisk = new ListedWhisk(Clock, _ => TimeSpan.FromSeconds(10));
        await RunAsync(3);

        Assert.Equal(0, Whisk.Pages);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_invocation_whose_answer_was_lost_is_repeated_only_when_no_record_of_it_is_found(bool isFound)
    {
        Forward.Target = Invoker;
        Invoker.OnInvoke = request => Task.FromResult(request.Attempt == 1 ? ScriptedInvoker.Failed(AttemptOutcome.Unknown, "reset") : ScriptedInvoker.Succeeded(request.Parameters));
        Invoker.OnFind = request => isFound ? ScriptedInvoker.Succeeded(JsonBytes.Parse("\"found\""), "a1") : null;
        var started = Clock.Now;
        var orchestration = await StartAsync();
        var results = orchestration.MakeActionsAsync([Echo(1)], cancellation: Soon);
        await PassUntilAsync(TimeSpan.FromMilliseconds(200), () => results.IsCompleted);

        Assert.Equal(isFound ? "\"found\"" : "{\"n\":1}", (await results)[0].Result.ToString());
        Assert.Equal(isFound ? 1 : 2, Invoker.Invoked.Count);
        var facts = await FactsAsync(orchestration.Id);
        Assert.Equal(isFound ? "a1" : null, Assert.Single(facts.OfType<AttemptSucceeded>()).ActivationId);
        Assert.All(facts.Where(f => f is AttemptFailed or AttemptSucceeded), f => Assert.True(f.Time - started >= TimeSpan.FromSeconds(2)));
    }

    /// <summary>Runs actions at once and gives how long after its end each activation was seen.</summary>
    private async Task<IReadOnlyDictionary<string, TimeSpan>> RunAsync(int count)
    {
        var orchestration = await StartAsync();
        var results = orchestration.MakeActionsAsync(Enumerable.Range(0, count).Select(n => Echo(n)), parallelism: count, cancellation: Soon);
        await PassUntilAsync(TimeSpan.FromMilliseconds(200), () => results.IsCompleted);
        Assert.All(await results, r => Assert.True(r.Success));
        var ends = Whisk.Ends;
        var seen = (await FactsAsync(orchestration.Id)).OfType<AttemptSucceeded>().ToList();
        Assert.Equal(count, seen.Count);
        return seen.ToDictionary(s => s.ActivationId!, s => s.Time - ends[s.ActivationId!]);
    }
}
