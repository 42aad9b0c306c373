using System.Diagnostics;
using System.Globalization;
using Orchestration.Actors.Client;
using Orchestration.Core.Pipelines;
using Orchestration.Core.State;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;

namespace Orchestration.Benchmarks.Recovery;

/// <summary>
/// Measures what making lost objects again costs besides the actions themselves, on the storage that the program uses (SQLite, every row synced), and counts invocations at the server.
/// The table is printed in Markdown.
/// </summary>
internal sealed class RecoveryTable : IAsyncDisposable
{
    private const int Connections = 100;
    private const int Rounds = 3;
    private const int PlanWarmUps = 20;
    private const int PlanRounds = 9;

    private readonly StandInServer _server;
    private readonly OrchestratorSide _side;
    private readonly TextWriter _output;
    private int _wrong;

    private RecoveryTable(StandInServer server, OrchestratorSide side, LossyObjects objects, TextWriter output) => (_server, _side, Objects, _output) = (server, side, objects, output);

    private LossyObjects Objects { get; }

    /// <summary>Measures and prints everything.</summary>
    /// <param name="output">Where to print.</param>
    /// <param name="wanted">The cases, such as L1; none for all.</param>
    /// <returns>0 when every count of invocations was as it must be.</returns>
    public static async Task<int> PrintAsync(TextWriter output, IReadOnlyCollection<string> wanted)
    {
        bool Wants(string name) => wanted.Count == 0 || wanted.Contains(name);

        using var server = StandInServer.Start();
        using var objects = new LossyObjects();
        await output.WriteLineAsync($"{Environment.ProcessorCount} processors, .NET {Environment.Version}, median of {Rounds} rounds");
        await output.WriteLineAsync();
        await using var table = new RecoveryTable(server, await OrchestratorSide.StartAsync(server.Address, Connections, store: objects.Store), objects, output);
        await table.WarmUpAsync();
        await output.WriteLineAsync("| case | invocations | overhead |");
        await output.WriteLineAsync("|---|---|---|");
        foreach (var length in Wants("L1") ? [3, 100, 1000] : Array.Empty<int>())
            await table.ChainAsync(length);
        foreach (var lost in Wants("L2") ? [1, 10, 500] : Array.Empty<int>())
            await table.FanInAsync(lost);
        if (Wants("L3"))
            await table.ManyOutputsAsync();
        if (Wants("L6"))
            await table.ResumeAsync();
        if (Wants("L10"))
            await table.PlanAsync();
        return table._wrong == 0 ? 0 : 1;
    }

    public ValueTask DisposeAsync() => _side.DisposeAsync();

    // Compiled code is timed, as in a process that has been up for a while.
    private async Task WarmUpAsync()
    {
        for (var i = 0; i < 3; i++)
        {
            await MeasureAsync(run => Objects.RunChainAsync(run, 300), links => [links[^1]]);
            await MeasureAsync(run => MakeManyAsync(run, 300), all => all);
        }
    }

    private async Task ChainAsync(int length)
    {
        var rounds = new List<TimeSpan>();
        for (var i = 0; i < Rounds; i++)
        {
            var (count, time, actionTime) = await MeasureAsync(run => Objects.RunChainAsync(run, length), links => [links[^1]]);
            Check($"chain of {length}", count, length + 1);
            rounds.Add((time - actionTime) / length);
        }

        await RowAsync($"L1 chain, all {length:N0} ancestors lost", $"{length + 1:N0}", $"{Milliseconds(Median(rounds))} a step");
    }

    private async Task FanInAsync(int lost)
    {
        var rounds = new List<TimeSpan>();
        for (var i = 0; i < Rounds; i++)
        {
            var (count, time, _) = await MeasureAsync(run => MakeManyAsync(run, 1000), all => all, all => all.Where((_, n) => n % (all.Count / lost) == 0));
            Check($"{lost} of 1000", count, lost + 1);
            rounds.Add(time);
        }

        await RowAsync($"L2 reader of 1,000 objects, {lost:N0} of them lost", $"{lost + 1:N0}", $"{Milliseconds(Median(rounds))}, the actions' time included");
    }

    private async Task ManyOutputsAsync()
    {
        var rounds = new List<TimeSpan>();
        for (var i = 0; i < Rounds; i++)
        {
            var (count, time, actionTime) = await MeasureAsync(
                async run =>
                {
                    var parts = Enumerable.Range(0, 500).Select(n => LossyObjects.Name($"part{n}")).ToList();
                    await LossyObjects.RunAsync(run, Objects.Make([], parts));
                    await LossyObjects.RunAsync(run, Objects.Make([parts[7]], LossyObjects.Name("done7")));
                    return [parts[7], LossyObjects.Name("done7")];
                },
                lost => [lost[1]]);
            Check("one of 500 outputs", count, 3);
            rounds.Add(time - actionTime);
        }

        await RowAsync("L3 producer of 500 outputs, one and its child lost", "3", Milliseconds(Median(rounds)));
    }

    private async Task ResumeAsync()
    {
        var times = new List<TimeSpan>();
        for (var i = 0; i < Rounds; i++)
        {
            var (resumed, count) = await ResumeChild.MeasureAsync(_server);
            // The attempts that the kill interrupted may run twice; nothing that was stored does.
            if (count < ResumeChild.Length + 1 || count > ResumeChild.Length + 2)
                Wrong("resume", count, $"{ResumeChild.Length + 1} or one more");
            times.Add(resumed);
        }

        await RowAsync($"L6 process killed half way through a chain of {ResumeChild.Length:N0}", $"{ResumeChild.Length + 1:N0}, at most 1 of them twice", $"resume {Milliseconds(Median(times))}, the process's start included");
    }

    private async Task PlanAsync()
    {
        const int layers = 100;
        const int width = 100;
        var run = await _side.Client.StartAsync(new StartRequest("layers"));
        var random = new Random(1);
        var all = new List<string>();
        for (var layer = 0; layer < layers; layer++)
        {
            var before = all.TakeLast(width).ToList();
            var made = Enumerable.Range(0, width).Select(i => LossyObjects.Name($"layer{layer}-{i}")).ToList();
            await LossyObjects.RunAsync(run, made.Select(name => Objects.Make(before.Count == 0 ? [] : Enumerable.Range(0, 3).Select(_ => before[random.Next(width)]).Distinct(), name)));
            all.AddRange(made);
        }

        await run.CompleteAsync();
        Objects.Lose(all);
        var times = new List<TimeSpan>();
        HealPlan? plan = null;
        for (var i = 0; i < PlanWarmUps + PlanRounds; i++)
        {
            var watch = Stopwatch.StartNew();
            using var runs = new StoredRuns(RunStorage.Of(new HostSettings { DataDirectory = _side.DataDirectory }));
            plan = await HealPlan.MakeAsync(runs, run.Id, [], Objects.Store, LineageChoice.None, CancellationToken.None);
            times.Add(watch.Elapsed);
        }

        await _server.TakeAsync();
        var healing = await _side.Client.StartAsync(new StartRequest("heal") { Pipeline = HealPipeline.Define(run.Id, plan!.Missing) });
        if (await healing.WaitForEndAsync() is not { Status: OrchestrationStatus.Completed } end)
            throw new InvalidOperationException("The layers were not healed.");
        Check("what ran", (await _server.TakeAsync()).Count, plan.Plan.Jobs.Length);
        await RowAsync("L10 `runs heal --plan` on 10,000 nodes, all lost", $"0; then {plan.Plan.Jobs.Length:N0} as planned", Milliseconds(Median(times.Skip(PlanWarmUps).ToList())));
    }

    /// <summary>Makes objects, loses some, and times an action that reads objects.</summary>
    private async Task<(int Count, TimeSpan Time, TimeSpan ActionTime)> MeasureAsync(
        Func<OrchestrationHandle, Task<IReadOnlyList<string>>> make, Func<IReadOnlyList<string>, IReadOnlyList<string>> read, Func<IReadOnlyList<string>, IEnumerable<string>>? lose = null)
    {
        var run = await _side.Client.StartAsync(new StartRequest("recovery"));
        var made = await make(run);
        Objects.Lose(lose is null ? made : lose(made));
        await _server.TakeAsync();
        var watch = Stopwatch.StartNew();
        await LossyObjects.RunAsync(run, Objects.Make(read(made)));
        var time = watch.Elapsed;
        var (count, actionTime) = await _server.TakeAsync();
        await run.CompleteAsync();
        return (count, time, actionTime);
    }

    private async Task<IReadOnlyList<string>> MakeManyAsync(OrchestrationHandle run, int count)
    {
        var names = Enumerable.Range(0, count).Select(i => LossyObjects.Name($"many{i}")).ToList();
        await LossyObjects.RunAsync(run, names.Select(name => Objects.Make([], name)));
        return names;
    }

    private void Check(string what, int count, int expected)
    {
        if (count != expected)
            Wrong(what, count, $"{expected}");
    }

    private void Wrong(string what, int count, string expected)
    {
        _wrong++;
        Console.Error.WriteLine($"{what}: {count} invocations instead of {expected}.");
    }

    private async Task RowAsync(string name, string invocations, string overhead) => await _output.WriteLineAsync($"| {name} | {invocations} | {overhead} |");

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.##} ms");

    private static TimeSpan Median(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2);
}
