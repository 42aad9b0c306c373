using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Orchestration.Crash.Tests.Rounds;

/// <summary>What one action of the fan-out does.</summary>
/// <param name="Item">What it squares.</param>
/// <param name="Seconds">How long it takes.</param>
/// <param name="Failures">So many of its first attempts return an error.</param>
internal sealed record PlannedItem(int Item, double Seconds, int Failures);

/// <summary>What a kill is to hit.</summary>
internal enum KillAim
{
    /// <summary>An attempt whose activation id is stored.</summary>
    Awaited,

    /// <summary>An attempt under way whose activation id is not known.</summary>
    Unanswered,

    /// <summary>Whatever is there.</summary>
    Anything,
}

/// <summary>When to kill a process.</summary>
/// <param name="Aim">What to hit.</param>
/// <param name="After">Not before so many actions have succeeded in that process.</param>
/// <param name="Age">So old is the attempt that it hits, at least: the request may not have left yet, or the action may be about to end.</param>
internal sealed record PlannedKill(KillAim Aim, int After, TimeSpan Age)
{
    /// <summary>Whether the moment is there.</summary>
    /// <param name="attempts">What is stored.</param>
    /// <param name="owner">Which process of the run is to be killed, from 1 up.</param>
    /// <param name="now">The time by this machine's clock, which the host's facts are stamped with too.</param>
    public bool IsNow(AttemptLog attempts, int owner, DateTimeOffset now) =>
        attempts.Owners == owner && !attempts.Ended && attempts.SuccessesOfOwner >= After && Aim switch
        {
            KillAim.Awaited => attempts.Awaited.Any(a => now - a.StartedAt >= Age),
            KillAim.Unanswered => attempts.Unanswered.Any(a => now - a.StartedAt >= Age),
            _ => true,
        };
}

/// <summary>Everything that chance decides in one round; the same seed gives the same plan.</summary>
internal sealed record RoundPlan(int Seed, ImmutableArray<PlannedItem> Items, ImmutableArray<PlannedKill> Kills)
{
    /// <summary>Of so many rounds in a row one has a kill that aims at nothing: the last one, when they begin with a multiple.</summary>
    public const int Cycle = 10;

    private const int Actions = 40;

    public static RoundPlan Draw(int seed)
    {
        var random = new Random(seed);
        var items = Enumerable.Range(0, Actions).Select(_ => DrawItem(random)).ToImmutableArray();
        var kills = 1 + random.Next(2);
        return new RoundPlan(seed, items, [.. Enumerable.Range(0, kills).Select(i => DrawKill(random, kills, AimOf(seed, i)))]);
    }

    /// <summary>The workflow's parameter.</summary>
    public string ItemsJson() => JsonSerializer.Serialize(Items.Select(i => new { item = i.Item, seconds = i.Seconds, failures = i.Failures }));

    /// <summary>The sum that the workflow gives back.</summary>
    public long Total() => Items.Sum(i => (long)i.Item * i.Item);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"seed {Seed} ({string.Join(", ", Kills.Select(k => $"{k.Aim} of {k.Age.TotalMilliseconds} ms after {k.After}"))})");

    private static PlannedItem DrawItem(Random random)
    {
        var isLong = random.Next(100) < 45;
        var seconds = isLong ? 0.25 + (random.Next(450) / 1000.0) : random.Next(30) / 1000.0;
        return new PlannedItem(random.Next(1000), seconds, random.Next(100) < 20 ? 1 + random.Next(2) : 0);
    }

    // Chance alone would leave a few rounds in a row with too few kills of one kind.
    private static KillAim AimOf(int seed, int kill) =>
        kill > 0 || seed % 2 == 0 ? KillAim.Awaited : seed % Cycle == Cycle - 1 ? KillAim.Anything : KillAim.Unanswered;

    private static PlannedKill DrawKill(Random random, int kills, KillAim aim)
    {
        var after = random.Next(100) < 25 ? 0 : random.Next((Actions - 4) / kills);
        return new PlannedKill(aim, after, TimeSpan.FromMilliseconds(random.Next(aim == KillAim.Awaited ? 250 : 90)));
    }
}
