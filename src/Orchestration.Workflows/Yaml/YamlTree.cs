using Orchestration.Workflows.Reading;

namespace Orchestration.Workflows.Yaml;

/// <summary>A node of the file with its place. An alias is the node that it names.</summary>
internal abstract class YamlTree(Place place)
{
    public Place Place { get; } = place;

    /// <summary>How many nodes it is, aliases counted as often as they stand there.</summary>
    public abstract int Nodes { get; }

    /// <summary>How many characters its scalars hold, aliases counted as often as they stand there.</summary>
    public abstract long Characters { get; }
}

/// <summary>How a scalar was written, as far as its meaning depends on it.</summary>
internal enum ScalarForm
{
    /// <summary>Without quotes: the core schema says what it is.</summary>
    Plain,

    /// <summary>Quoted, or tagged as text.</summary>
    Quoted,

    /// <summary>A literal or folded block.</summary>
    Block,
}

internal sealed class YamlScalar(Place place, string text, ScalarForm form, int start, int end) : YamlTree(place)
{
    public string Text { get; } = text;

    public ScalarForm Form { get; } = form;

    /// <summary>Where its source begins, in UTF-16 code units from the file's start.</summary>
    public int Start { get; } = start;

    /// <summary>Where its source ends.</summary>
    public int End { get; } = end;

    public override int Nodes => 1;

    public override long Characters => Text.Length;
}

internal sealed class YamlList(Place place, IReadOnlyList<YamlTree> items) : YamlTree(place)
{
    public IReadOnlyList<YamlTree> Items { get; } = items;

    public override int Nodes { get; } = 1 + items.Sum(i => i.Nodes);

    public override long Characters { get; } = items.Sum(i => i.Characters);
}

internal sealed class YamlMap(Place place, IReadOnlyList<(YamlScalar Key, YamlTree Value)> entries) : YamlTree(place)
{
    public IReadOnlyList<(YamlScalar Key, YamlTree Value)> Entries { get; } = entries;

    public override int Nodes { get; } = 1 + entries.Sum(e => 1 + e.Value.Nodes);

    public override long Characters { get; } = entries.Sum(e => e.Key.Characters + e.Value.Characters);
}
