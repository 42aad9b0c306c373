using System.Globalization;
using Orchestration.Core.Recovery;
using Orchestration.Host.Terminals;
using Orchestration.Workflows.Reading;

namespace Orchestration.Host.Settings;

/// <summary>
/// How lost objects are made again, as set under <c>Orchestration:Lineage</c> or <c>Orchestration__Lineage__NAME</c>. What is not set has the default of <c>hocon/orchestration.conf</c>.
/// </summary>
internal sealed record LineageChoice
{
    private const int DefaultStatParallelism = 32;

    private static readonly (string Name, string Setting, string Takes, Func<string, string?> Read)[] Known =
    [
        ("Enabled", "enabled", "true or false", Flag),
        ("CheckInputs", "check-inputs", "true or false", Flag),
        ("MaxChases", "max-chases", "a number from 1 up", Number),
        ("MaxDepth", "max-depth", "a number from 1 up", Number),
        ("MaxJobs", "max-jobs", "a number from 1 up", Number),
        ("OnChange", "on-change", "accept, fail or invalidate", text => text is "accept" or "fail" or "invalidate" ? text : null),
        ("TakeOverAfter", "take-over-after", "a duration like 15s", text => Durations.TryParse(text, out var duration) ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds}ms") : null),
        ("StatParallelism", "stat-parallelism", "a number from 1 up", Number),
    ];

    private readonly Dictionary<string, string> _values = [];

    /// <summary>Nothing is set.</summary>
    public static LineageChoice None { get; } = new();

    /// <summary>The configuration for the actor system; empty when nothing is set.</summary>
    public string Hocon => string.Join('\n', _values.Select(v => $"orchestration.lineage.{v.Key} = {v.Value}"));

    /// <summary>How many producers may stand one behind the other.</summary>
    public int MaxDepth => Value("max-depth", RecoveryPolicy.Default.Depth);

    /// <summary>At most so many questions to the object store at once.</summary>
    public int StatParallelism => Value("stat-parallelism", DefaultStatParallelism);

    /// <summary>The names under <c>Lineage</c> that can be set.</summary>
    public static IEnumerable<string> Names => Known.Select(k => k.Name);

    /// <summary>Reads what is set.</summary>
    /// <param name="given">Tells of a name under <c>Lineage</c> what is set.</param>
    /// <exception cref="CommandException">A value cannot be used.</exception>
    public static LineageChoice Read(Func<string, Given?> given)
    {
        var choice = new LineageChoice();
        foreach (var (name, setting, takes, read) in Known)
            if (given(name) is { } set)
                choice._values[setting] = read(set.Value) ?? throw CommandException.Usage($"{set.Source}: '{set.Value}' is not {takes}.");
        return choice;
    }

    private int Value(string setting, int otherwise) => _values.TryGetValue(setting, out var value) ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;

    private static string? Flag(string text) => bool.TryParse(text, out var flag) ? (flag ? "on" : "off") : null;

    private static string? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? text : null;
}
