using System.Globalization;
using Orchestration.Crash.Tests.Support;
using Orchestration.Crash.Tests.Verdicts;

namespace Orchestration.Crash.Tests.Rounds;

/// <summary>Rounds one after another, each with the next seed, with a line for each and one for all of them.</summary>
internal static class RoundSeries
{
    private const string SeedVariable = "ORCHESTRATION_CRASH_SEED";
    private const string RoundsVariable = "ORCHESTRATION_CRASH_ROUNDS";
    private const string FullVariable = "ORCHESTRATION_TEST_FULL";

    /// <summary>Runs the rounds and fails at the first one that broke a rule; its folder is kept then.</summary>
    /// <param name="name">What the rounds are called.</param>
    /// <param name="rounds">How many by default.</param>
    /// <param name="full">How many in a full run.</param>
    /// <param name="platform">What they run on.</param>
    /// <param name="newDatabase">Gives each round its database; null for the embedded storage.</param>
    public static async Task RunAsync(string name, int rounds, int full, IRoundPlatform platform, Func<string>? newDatabase = null)
    {
        var first = Number(SeedVariable) ?? Random.Shared.Next(100_000) * RoundPlan.Cycle;
        var count = Number(RoundsVariable) ?? (Environment.GetEnvironmentVariable(FullVariable) == "1" ? full : rounds);
        Say(name, $"{count} rounds from seed {first}; {SeedVariable}=N {RoundsVariable}=1 repeats the round of a seed");
        var all = new Tally();
        for (var seed = first; seed < first + count; seed++)
        {
            var plan = RoundPlan.Draw(seed);
            var folder = Directory.CreateTempSubdirectory("orchestration-crash-").FullName;
            var began = TimeProvider.System.GetTimestamp();
            var evidence = await new CrashRound(plan, new RoundPlace(folder, newDatabase?.Invoke()), platform).RunAsync();
            var tally = Tally.Of(evidence);
            all += tally;
            var violations = Verdict.Judge(evidence);
            Say(name, $"{plan}: {tally}, {TimeProvider.System.GetElapsedTime(began).TotalSeconds:F1} s{(violations.Count == 0 ? "" : $", {violations.Count} VIOLATIONS")}");
            Assert.True(violations.Count == 0, $"{name}, {plan}, kept in {folder}:\n{string.Join('\n', violations)}\n{string.Join("\n--\n", evidence.Deaths.Select(d => d.Told))}");
            Directory.Delete(folder, recursive: true);
        }
        Say(name, $"all: {all}");
        Assert.True(all.KillsInFlight * 10 >= all.Kills * 8, $"{name}, from seed {first}: fewer than 80 % of the kills hit attempts in flight ({all})");
        Assert.True(all.KillsAwaited * 2 >= all.KillsInFlight, $"{name}, from seed {first}: fewer than half of these hit awaited ones ({all})");
    }

    private static void Say(string name, FormattableString text) =>
        Console.WriteLine($"crash: {name}: {text.ToString(CultureInfo.InvariantCulture)}");

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new InvalidOperationException($"{variable}: '{text}' is not a whole number from 0 up.");
}
