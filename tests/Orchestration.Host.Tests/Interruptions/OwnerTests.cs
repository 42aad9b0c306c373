using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Tests.Support;
using Orchestration.LocalWhisk;
using Orchestration.Tests.Services;

namespace Orchestration.Host.Tests.Interruptions;

/// <summary>Two processes and one run on one MongoDB. The run's first step ends when a file is there.</summary>
public sealed class OwnerTests(SharedMongo mongo) : Workplace
{
    private const int Owned = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly string _database = mongo.Server.NewDatabase();

    private static string Machine => System.Environment.MachineName;

    private string Gate => PathOf("gate");

    [Fact]
    public async Task A_run_is_refused_to_others_while_its_owner_lives_and_goes_on_after_it_was_killed()
    {
        await using var whisk = await StartWhiskAsync();
        var settings = Settings(whisk, "2s");
        await using var owner = StartRun(settings);
        var id = await RunningAsync(owner);

        var refused = (await ResumeAsync(settings, id)).MustExitWith(Owned);
        Assert.Matches($"error: The run {id} is owned by {Machine}, pid {owner.Id}, until [0-9-]+ [0-9:]+ UTC\\. ", refused.Errors);
        Assert.Equal("running", await StatusAsync(settings, id));

        owner.Kill();
        await owner.WaitAsync();
        Assert.Equal("interrupted", await StatusAsync(settings, id));
        Write("gate", "");
        Assert.Equal(6, (await ResumeAsync(settings, id, "--json")).MustExitWith(0).Json().GetProperty("output").GetInt32());
        AssertOnceEach(Facts(id), owners: 2);
        Assert.Null(OwnerOf(id));
    }

    [Fact]
    public async Task An_owner_that_is_paused_for_longer_than_its_lease_finds_itself_taken_over_and_stops()
    {
        await using var whisk = await StartWhiskAsync();
        var settings = Settings(whisk, "2s");
        await using var owner = StartRun(settings);
        var id = await RunningAsync(owner);
        owner.Signal("STOP");
        await using var second = await TakenAsync(settings, id);

        owner.Signal("CONT");
        var lost = (await owner.WaitAsync()).MustExitWith(Owned);
        Assert.Contains($"error: The orchestration {id} was taken over by another process; it is owned by {Machine}, pid {second.Id}, until ", lost.Errors, StringComparison.Ordinal);
        Write("gate", "");
        Assert.Equal(6, (await second.WaitAsync()).MustExitWith(0).Json().GetProperty("output").GetInt32());
        AssertOnceEach(Facts(id), owners: 2);
    }

    [Fact]
    public async Task An_owner_that_wakes_after_the_end_stores_nothing_more()
    {
        await using var whisk = await StartWhiskAsync();
        var settings = Settings(whisk, "1s");
        await using var owner = StartRun(settings);
        var id = await RunningAsync(owner);
        owner.Signal("STOP");
        Write("gate", "");
        await using var second = await TakenAsync(settings, id);
        (await second.WaitAsync()).MustExitWith(0);
        var stored = Facts(id);

        owner.Signal("CONT");
        Assert.Contains("taken", (await owner.WaitAsync()).MustExitWith(Owned).Errors, StringComparison.Ordinal);
        Assert.Equal(stored, Facts(id));
        AssertOnceEach(stored, owners: 2);
    }

    [Fact]
    public async Task A_live_run_is_taken_over_when_that_is_asked_for()
    {
        await using var whisk = await StartWhiskAsync();
        var settings = Settings(whisk, "4s");
        await using var owner = StartRun(settings);
        var id = await RunningAsync(owner);
        await using var second = HostProcess.Start(Folder, settings, "runs", "resume", id, "--take-over", "--json");
        await second.WaitForLineAsync("resuming run");

        (await owner.WaitAsync()).MustExitWith(Owned);
        Write("gate", "");
        (await second.WaitAsync()).MustExitWith(0);
        AssertOnceEach(Facts(id), owners: 2);
    }

    [Fact]
    public async Task Several_processes_work_on_one_database_with_runs_of_their_own()
    {
        await using var whisk = await StartWhiskAsync();
        var settings = Settings(whisk, "2s");
        Write("gate", "");
        var results = await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ =>
        {
            await using var run = StartRun(settings);
            return (await run.WaitAsync()).MustExitWith(0);
        }));
        Assert.Equal(3, results.Select(r => r.Json().GetProperty("orchId").GetString()).Distinct().Count());
        Assert.All(results, r => Assert.Equal(6, r.Json().GetProperty("output").GetInt32()));
    }

    private static void AssertOnceEach(IReadOnlyList<Fact> facts, int owners)
    {
        Assert.Equal(Enumerable.Range(1, owners), facts.OfType<Resumed>().Select(r => r.Epoch));
        Assert.Equal(4, facts.OfType<AttemptStarted>().Count());
        Assert.Equal(4, facts.OfType<AttemptSucceeded>().Count());
        Assert.Single(facts.OfType<OrchestrationCompleted>());
    }

    private async Task<LocalWhiskServer> StartWhiskAsync()
    {
        var whisk = await WhiskOfTest.StartAsync(Folder);
        await whisk.DeployAsync("gated", Write("gated.py", """
            import os
            import time

            def main(args):
                while not os.path.exists(args["gate"]):
                    time.sleep(0.02)
                return {"n": args["n"]}
            """));
        Write("owned.yaml", """
            name: owned
            params: { gate: "" }
            steps:
              - { id: gated, action: gated, foreach: [1, 2, 3], with: { n: "${{ item }}", gate: "${{ params.gate }}" } }
              - { id: last, action: gated, with: { n: "${{ sum(steps.gated.result[*].n) }}", gate: "${{ params.gate }}" } }
            output: "${{ steps.last.result.n }}"
            """);
        return whisk;
    }

    private Dictionary<string, string> Settings(LocalWhiskServer whisk, string lease) => new()
    {
        ["Orchestration__Database"] = _database,
        ["Orchestration__OpenWhisk"] = whisk.Url(),
        ["Orchestration__Auth"] = whisk.Auth,
        ["Orchestration__Lease"] = lease,
        ["Orchestration__BlockingWait"] = "50ms",
    };

    private HostProcess StartRun(Dictionary<string, string> settings) => HostProcess.Start(Folder, settings, "run", PathOf("owned.yaml"), "-p", $"gate={Gate}", "--json");

    private Task<HostResult> ResumeAsync(Dictionary<string, string> settings, string id, params string[] options) =>
        HostProcess.RunAsync(Folder, settings, ["runs", "resume", id, .. options]);

    /// <summary>Waits until the activations of the first step are stored.</summary>
    private async Task<string> RunningAsync(HostProcess owner)
    {
        var id = (await owner.WaitForLineAsync("run "))[4..];
        using var timer = new PeriodicTimer(Pause);
        while (Facts(id).OfType<ActivationAccepted>().Count() < 3)
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        return id;
    }

    /// <summary>Resumes again and again until the owner's lease has run out.</summary>
    private async Task<HostProcess> TakenAsync(Dictionary<string, string> settings, string id)
    {
        while (true)
        {
            var process = HostProcess.Start(Folder, settings, "runs", "resume", id, "--json");
            var line = await process.WaitForLineAsync("run ");
            if (line.Contains("resuming run", StringComparison.Ordinal))
                return process;
            Assert.Contains("owned by", (await process.WaitAsync()).MustExitWith(Owned).Errors, StringComparison.Ordinal);
            await process.DisposeAsync();
        }
    }

    private async Task<string?> StatusAsync(Dictionary<string, string> settings, string id) =>
        (await HostProcess.RunAsync(Folder, settings, "runs", "list", "--json")).MustExitWith(0).Json().GetProperty("runs").EnumerateArray()
            .Single(r => r.GetProperty("orchId").GetString() == id).GetProperty("status").GetString();

    private List<Fact> Facts(string id)
    {
        using var history = OpenHistory();
        return [.. history.ReadCommits(OrchestrationId.Parse(id)).SelectMany(c => c.Commit.Facts)];
    }

    private string? OwnerOf(string id)
    {
        using var history = OpenHistory();
        return history.OwnerOf(OrchestrationId.Parse(id));
    }

    private IRunHistory OpenHistory() => RunStorage.Of(new HostSettings { DataDirectory = Folder, Database = new Given(_database, "the test") }).OpenHistory();
}
