using System.Diagnostics;
using System.Globalization;
using Orchestration.Benchmarks;
using Orchestration.Benchmarks.EndToEnd;
using Orchestration.Benchmarks.Recovery;
using Orchestration.Benchmarks.SharedObjects;

if (args is ["server"])
{
    await StandInServer.ServeAsync();
    return 0;
}

if (args is ["case", var name])
    return await TargetTable.RunCaseAsync(name);
if (args is ["take-up-begin", var begun, var at, var many])
    return await AwaitingCases.BeginAsync(begun, new Uri(at), int.Parse(many, CultureInfo.InvariantCulture));
if (args is ["take-up-go-on", var left, var there, var all])
    return await AwaitingCases.GoOnAsync(left, new Uri(there), int.Parse(all, CultureInfo.InvariantCulture));
if (args is ["resume-begin", var stored, var place])
    return await IdleCases.BeginResumeAsync(stored, new Uri(place));
if (args is ["resume-go-on", var kept, var here])
    return await IdleCases.GoOnResumeAsync(kept, new Uri(here));
if (args is ["fan-out", var times])
    return await ThroughputCases.RepeatFanOutAsync(int.Parse(times, CultureInfo.InvariantCulture));
if (args is ["targets", .. var targets])
    return await TargetTable.PrintAsync(targets);
if (args is ["peers", .. var peers])
    return await PeerTable.PrintAsync(peers);
if (args is ["mongodb"])
    return await MongoDbTable.PrintAsync();
if (args is ["recovery-child", var folder, var url])
    return await ResumeChild.RunAsync(folder, new Uri(url));
if (args is ["recovery", .. var cases])
    return await RecoveryTable.PrintAsync(Console.Out, cases);
if (args is ["writers"])
    return await WriterLine.PrintAsync(Console.Out);

var rounds = args is [var n] && int.TryParse(n, CultureInfo.InvariantCulture, out var parsed) && parsed > 0 ? parsed : 3;
const int connections = 100;
using var server = StandInServer.Start();
var wrong = 0;
Console.WriteLine($"{Environment.ProcessorCount} processors, .NET {Environment.Version}, median of {rounds} rounds, the two sides in turn");
await CompareAsync("1,000 actions, one after another", 1, 1000, 1, side => side.SequencesAsync(1, 1000));
await CompareAsync("fan-out of 10,000, 100 at a time", 10_000, 1, connections, side => side.FanOutAsync(10_000, connections));
await CompareAsync("1,000 orchestrations of 5", 1000, 5, connections, side => side.SequencesAsync(1000, 5));
return wrong == 0 ? 0 : 1;

async Task CompareAsync(string name, int chains, int length, int width, Func<OrchestratorSide, Task> orchestrate)
{
    var (bare, ours) = (new List<double>(), new List<double>());
    using var loop = new BareLoop(server.Address, width);
    await loop.RunAsync(Math.Min(chains, width * 10), Math.Min(length, 2000));
    await using var side = await OrchestratorSide.StartAsync(server.Address, width);
    // Warm-up: both sides run compiled code when they are timed.
    for (var i = 0; i < 3; i++)
        await orchestrate(side);
    await server.TakeCountAsync();
    for (var round = 0; round < rounds; round++)
    {
        bare.Add(await TimeAsync(() => loop.RunAsync(chains, length)));
        await CheckAsync("bare loop");
        ours.Add(await TimeAsync(() => orchestrate(side)));
        await CheckAsync("orchestrator");
    }

    var ratio = bare.Zip(ours, (b, o) => b / o).Order().ElementAt(rounds / 2);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{name}: bare loop {chains * length / Median(bare):N0}/s, orchestrator {chains * length / Median(ours):N0}/s, ratio {ratio:F2}"));

    async Task CheckAsync(string who)
    {
        var count = await server.TakeCountAsync();
        if (count == chains * length)
            return;
        wrong++;
        await Console.Error.WriteLineAsync($"{name}: {who} sent {count} invocations instead of {chains * length}.");
    }
}

static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

static async Task<double> TimeAsync(Func<Task> work)
{
    var watch = Stopwatch.StartNew();
    await work();
    return watch.Elapsed.TotalSeconds;
}
