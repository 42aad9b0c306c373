using System.Text.Json;
using Orchestration.Workflows.Yaml;

namespace Orchestration.Workflows.Reading;

/// <summary>One map of the file, with keys that are known beforehand.</summary>
internal sealed class MapReader
{
    private readonly Dictionary<string, YamlTree> _values;
    private readonly ProblemList _problems;

    private MapReader(YamlMap map, string what, ProblemList problems)
    {
        _problems = problems;
        Place = map.Place;
        What = what;
        _values = map.Entries.ToDictionary(e => e.Key.Text, e => e.Value, StringComparer.Ordinal);
    }

    /// <summary>Where the map begins.</summary>
    public Place Place { get; }

    /// <summary>What the map is, for people.</summary>
    public string What { get; }

    /// <summary>Opens a map and reports the keys that it must not have.</summary>
    /// <param name="node">What stands there.</param>
    /// <param name="what">What it is, for people, such as <c>a step</c>.</param>
    /// <param name="problems">Takes what is wrong.</param>
    /// <param name="known">The keys that it may have.</param>
    /// <returns>The map; null when it is none.</returns>
    public static MapReader? Open(YamlTree node, string what, ProblemList problems, params string[] known)
    {
        if (node is not YamlMap map)
        {
            problems.Add(node.Place, $"{what} is {Describe(node)}; it takes a map with {string.Join(", ", known)}.");
            return null;
        }

        foreach (var (key, _) in map.Entries.Where(e => !known.Contains(e.Key.Text)))
            problems.Add(key.Place, $"unknown key '{key.Text}' in {what}{NearestName.SuggestOrStop(key.Text, known)} Known keys: {string.Join(", ", known)}.");
        return new MapReader(map, what, problems);
    }

    /// <summary>The value of a key; null when the key is not there.</summary>
    public YamlTree? Find(string key) => _values.GetValueOrDefault(key);

    /// <summary>The value of a key; null when the key is not there or has no value, which is the same for lists and maps.</summary>
    public YamlTree? FindFilled(string key) => Find(key) is { } node && !IsNull(node) ? node : null;

    /// <summary>The value of a key that must be there; null, and a problem, when it is not.</summary>
    public YamlTree? Require(string key, string remedy)
    {
        var node = FindFilled(key);
        if (node is null)
            _problems.Add(Find(key)?.Place ?? Place, $"{What} has no {key}; {remedy}");
        return node;
    }

    /// <summary>Text in one line; null, and a problem, when something else stands there.</summary>
    public string? Text(YamlTree? node, string key)
    {
        if (node is null)
            return null;
        if (node is YamlScalar scalar && CoreSchema.KindOf(scalar) == JsonValueKind.String && scalar.Text.Length > 0 && !scalar.Text.Any(char.IsControl))
        {
            if (!scalar.Text.Contains("${{", StringComparison.Ordinal))
                return scalar.Text;
            _problems.Add(node.Place, $"{key} takes no expression; expressions stand in foreach, with, reads, writes and output.");
            return null;
        }

        _problems.Add(node.Place, $"{key} is {Describe(node)}; it takes text in one line{(node is YamlScalar { Form: ScalarForm.Plain, Text.Length: > 0 } ? ": put it in quotes" : "")}.");
        return null;
    }

    /// <summary>A whole number within bounds; null, and a problem, when something else stands there.</summary>
    public int? Integer(string key, int least, int most)
    {
        if (Find(key) is not { } node)
            return null;
        if (node is YamlScalar scalar && CoreSchema.KindOf(scalar) == JsonValueKind.Number
            && int.TryParse(scalar.Text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var value)
            && value >= least && value <= most)
            return value;
        _problems.Add(node.Place, $"{key} is {Describe(node)}; it takes a whole number from {least} to {most}.");
        return null;
    }

    /// <summary>A number; null, and a problem, when something else stands there.</summary>
    public double? Number(string key)
    {
        if (Find(key) is not { } node)
            return null;
        if (node is YamlScalar scalar && CoreSchema.KindOf(scalar) == JsonValueKind.Number
            && double.TryParse(scalar.Text, System.Globalization.CultureInfo.InvariantCulture, out var value))
            return value;
        _problems.Add(node.Place, $"{key} is {Describe(node)}; it takes a number.");
        return null;
    }

    /// <summary>true or false; null, and a problem, when something else stands there.</summary>
    public bool? Flag(string key)
    {
        if (Find(key) is not { } node)
            return null;
        if (node is YamlScalar scalar && CoreSchema.KindOf(scalar) is JsonValueKind.True or JsonValueKind.False)
            return CoreSchema.KindOf((YamlScalar)node) == JsonValueKind.True;
        _problems.Add(node.Place, $"{key} is {Describe(node)}; it takes true or false.");
        return null;
    }

    /// <summary>A duration; null, and a problem, when something else stands there.</summary>
    public TimeSpan? Duration(string key)
    {
        if (Find(key) is not { } node)
            return null;
        if (node is YamlScalar scalar && Durations.TryParse(scalar.Text, out var value))
            return value;
        _problems.Add(node.Place, $"{key} is {Describe(node)}; it takes a duration such as 500ms, 1s, 5m, 1h30m, or a number of seconds, at most {Durations.LongestText}.");
        return null;
    }

    /// <summary>One of some words; null, and a problem, when something else stands there.</summary>
    public string? Word(string key, params string[] words)
    {
        if (Find(key) is not { } node)
            return null;
        if (node is YamlScalar scalar && words.Contains(scalar.Text))
            return scalar.Text;
        var written = node is YamlScalar text ? text.Text : "";
        _problems.Add(node.Place, $"{key} is {Describe(node)}; it takes {string.Join(" or ", words)}{NearestName.SuggestOrStop(written, words)}");
        return null;
    }

    /// <summary>The items of a list, or one item that stands alone; nothing when the key is not there.</summary>
    public IReadOnlyList<YamlTree> OneOrMore(string key) => FindFilled(key) switch
    {
        null => [],
        YamlList list => list.Items,
        var single => [single],
    };

    /// <summary>The items of a list; nothing, and a problem, when something else stands there.</summary>
    public IReadOnlyList<YamlTree> List(string key, string takes)
    {
        if (FindFilled(key) is not { } node)
            return [];
        if (node is YamlList list)
            return list.Items;
        _problems.Add(node.Place, $"{key} is {Describe(node)}; it takes a list of {takes}.");
        return [];
    }

    /// <summary>What stands there, for people.</summary>
    public static string Describe(YamlTree node) => node switch
    {
        YamlMap => "a map",
        YamlList => "a list",
        YamlScalar scalar => CoreSchema.KindOf(scalar) switch
        {
            JsonValueKind.Null => "empty",
            JsonValueKind.String => $"the text '{Shorten(scalar.Text)}'",
            JsonValueKind.Number => $"the number {Shorten(scalar.Text)}",
            _ => scalar.Text,
        },
        _ => "something else",
    };

    private static bool IsNull(YamlTree node) => node is YamlScalar scalar && CoreSchema.KindOf(scalar) == JsonValueKind.Null;

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..57] + "…";
}
