using System.Diagnostics;
using System.Text.Json;

namespace Orchestration.Benchmarks.EndToEnd;

/// <summary>
/// Other engines in the same run, like for like: the same calls to the same stand-in OpenWhisk, each step stored by the engine before the next one. They come from npm
/// (<c>benchmarks/peers</c>), PostgreSQL from Debian, and are no part of this project.
/// </summary>
internal static class PeerTable
{
    private static readonly (int Steps, int Fan, int Runs) Counts = (Sizes.Of(1000), Sizes.Of(10_000), Sizes.Of(1000));

    // How durable a step is before the next one begins stands with each.
    private static readonly (string Folder, string Title)[] All =
    [
        ("restate", "Restate, its own log, synced"),
        ("dbos", "DBOS, PostgreSQL, each commit synced"),
    ];

    private static string Root
    {
        get
        {
            for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
                if (Directory.Exists(Path.Combine(at.FullName, "benchmarks", "peers")))
                    return Path.Combine(at.FullName, "benchmarks", "peers");
            throw new InvalidOperationException("benchmarks/peers is not above this program; run it where it was built.");
        }
    }

    /// <summary>Prints the table: three rounds, all in turn.</summary>
    /// <param name="names">Which of them; none for all.</param>
    /// <returns>The exit code: 1 when one could not be run.</returns>
    public static async Task<int> PrintAsync(string[] names)
    {
        if (names.FirstOrDefault(n => All.All(p => p.Folder != n)) is { } unknown)
            return await FailAsync($"There is no peer '{unknown}': name {string.Join(" or ", All.Select(p => p.Folder))}, or none for all.");
        try
        {
            await CompareAsync([.. All.Where(p => names.Length == 0 || names.Contains(p.Folder))]);
            return 0;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return await FailAsync(e.Message);
        }
    }

    private static async Task<int> FailAsync(string message)
    {
        await Console.Error.WriteLineAsync(message);
        return 1;
    }

    private static async Task CompareAsync((string Folder, string Title)[] peers)
    {
        foreach (var (folder, _) in peers)
            if (!Directory.Exists(Path.Combine(Root, folder, "node_modules")))
                await RunAsync(folder, "npm", "install", "--no-audit", "--no-fund", "--silent");
        using var server = StandInServer.Start();
        List<double[]>[] sides = [[], .. peers.Select(_ => new List<double[]>())];
        for (var round = 0; round < 3; round++)
        {
            sides[0].Add(await OursAsync(server));
            for (var i = 0; i < peers.Length; i++)
                sides[i + 1].Add(await TheirsAsync(server, peers[i].Folder));
        }
        Console.WriteLine($"| | this one, SQLite, each row synced | {string.Join(" | ", peers.Select(p => p.Title))} |\n|---|---|{string.Concat(peers.Select(_ => "---|"))}");
        Print("1,000 steps one after another, a step", 0, 1000.0 / Counts.Steps, "ms");
        Print("10,000 actions, 100 at a time", 1, 1, "s");
        Print("1,000 runs of 5, 64 at a time", 2, 1, "s");

        void Print(string what, int at, double factor, string unit) =>
            Console.WriteLine($"| {what} | {string.Join(" | ", sides.Select(s => $"{Measured.Number(Median(s, at) * factor)} {unit}"))} |");

        static double Median(List<double[]> rounds, int at) => rounds.Select(r => r[at]).Order().ElementAt(rounds.Count / 2);
    }

    private static async Task<double[]> OursAsync(StandInServer server)
    {
        var seconds = new double[3];
        await using var side = await OrchestratorSide.StartAsync(server.Address, 100);
        await side.SequencesAsync(1, 50);
        seconds[0] = await ThroughputCases.TimeAsync(() => side.SequencesAsync(1, Counts.Steps));
        await side.FanOutAsync(500, 100);
        seconds[1] = await ThroughputCases.TimeAsync(() => side.FanOutAsync(Counts.Fan, 100));
        var left = Counts.Runs;
        seconds[2] = await ThroughputCases.TimeAsync(() => Task.WhenAll(Enumerable.Range(0, 64).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await side.SequencesAsync(1, 5);
        })));
        return seconds;
    }

    private static async Task<double[]> TheirsAsync(StandInServer server, string folder)
    {
        await server.TakeCountAsync();
        var said = await RunAsync(folder, "node", "peer.mjs", server.Address.AbsoluteUri, $"{Counts.Steps} {Counts.Fan} {Counts.Runs}");
        // Those of its warm-up are among them; fewer would mean that it left some out.
        if (await server.TakeCountAsync() < Counts.Steps + Counts.Fan + Counts.Runs * 5)
            throw new InvalidOperationException("The peer sent too few invocations.");
        return [.. said.Split('\n').Where(l => l.StartsWith('{')).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("seconds").GetDouble())];
    }

    private static async Task<string> RunAsync(string folder, string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = Path.Combine(Root, folder), RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await output}{await errors}");
    }
}
