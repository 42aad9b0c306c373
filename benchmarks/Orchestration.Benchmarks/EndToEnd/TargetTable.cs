using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Orchestration.Benchmarks.EndToEnd;

/// <summary>
/// Runs the cases, each round of each in a process of its own, so that one does not warm up another or count its memory, and prints the median of the rounds with how far they
/// were apart. A case that counts invocations wrongly fails before any number of it is printed.
/// </summary>
internal static class TargetTable
{
    private static readonly (string Name, string What, Func<Uri, StandInServer?, Task<List<Measured>>> RunAsync)[] Cases =
    [
        ("P1", "1,000 actions one after another", ThroughputCases.SequenceAsync),
        ("P2", "fan-out of 10,000, 100 at a time", ThroughputCases.FanOutAsync),
        ("P3", "100,000 actions in one orchestration", ThroughputCases.LargeAsync),
        ("P4", "1,000 orchestrations of 5, 64 at a time", ThroughputCases.ManyAsync),
        ("P5", "end of an activation → known here", AwaitingCases.NoticeAsync),
        ("P6", "10,000 awaited again after a kill", AwaitingCases.TakeUpAsync),
        ("P7", "10,000 idle orchestrations", IdleCases.IdleAsync),
        ("P8", "resume of 50,000 events", IdleCases.ResumeAsync),
        ("P9", "start of the program", ProgramCases.StartAsync),
        ("P10", "local OpenWhisk", ProgramCases.LocalWhiskAsync),
    ];

    /// <summary>Prints the table.</summary>
    /// <param name="arguments">Names of cases; none for all. <c>--rounds N</c>, and <c>--smoke</c> for one small round of each that only has to work.</param>
    /// <returns>The exit code: 1 when a case failed; a missed target is no failure.</returns>
    public static async Task<int> PrintAsync(string[] arguments)
    {
        var isSmoke = arguments.Contains("--smoke");
        var rounds = isSmoke ? 1 : Array.IndexOf(arguments, "--rounds") is >= 0 and var at && at + 1 < arguments.Length ? int.Parse(arguments[at + 1], CultureInfo.InvariantCulture) : 5;
        var wanted = Cases.Where(c => arguments.Contains(c.Name) || !arguments.Any(a => Cases.Any(k => k.Name == a))).ToList();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} processors, .NET {Environment.Version}, median of {rounds} rounds with their least and most; every row synced to SQLite unless it says otherwise"));
        Console.WriteLine("| # | what | measured | spread | target | met |\n|---|---|---|---|---|---|");
        var failed = 0;
        foreach (var (name, what, _) in wanted)
        {
            var all = new List<List<Measured>>();
            for (var round = 0; round < rounds && all.Count == round; round++)
                if (await RunChildAsync(name, isSmoke) is { } measured)
                    all.Add(measured);
            if (all.Count < rounds)
            {
                failed++;
                continue;
            }
            foreach (var (first, i) in all[0].Select((m, i) => (m, i)))
            {
                var values = all.Select(r => r[i].Value).Order().ToList();
                var median = first with { Value = values[values.Count / 2] };
                Console.WriteLine($"| {(i == 0 ? name : "")} | {(i == 0 ? what + ": " : "")}{first.Name} | {median.Text} | {Measured.Number(values[0])} … {Measured.Number(values[^1])} | {median.TargetText} | {median.IsMet switch { true => "yes", false => "**no**", null => "" }} |");
            }
        }
        return failed == 0 ? 0 : 1;
    }

    /// <summary>The process of one round: prints what it measured as one line of JSON.</summary>
    public static async Task<int> RunCaseAsync(string name)
    {
        using var server = StandInServer.Start();
        var measured = await Cases.Single(c => c.Name == name).RunAsync(server.Address, server);
        Console.WriteLine(JsonSerializer.Serialize(measured, MeasuredJson.Default.ListMeasured));
        return 0;
    }

    private static async Task<List<Measured>?> RunChildAsync(string name, bool isSmoke)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["case", name]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ORCHESTRATION_BENCHMARK_SMOKE"] = isSmoke ? "1" : "";
        using var child = Process.Start(start)!;
        var (output, errors) = (child.StandardOutput.ReadToEndAsync(), child.StandardError.ReadToEndAsync());
        await child.WaitForExitAsync();
        if (child.ExitCode == 0 && (await output).Split('\n').LastOrDefault(l => l.StartsWith('[')) is { } json)
            return JsonSerializer.Deserialize(json, MeasuredJson.Default.ListMeasured);
        await Console.Error.WriteLineAsync($"{name} failed:\n{await output}{await errors}");
        return null;
    }
}
