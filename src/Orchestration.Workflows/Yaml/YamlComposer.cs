using Orchestration.Workflows.Reading;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Orchestration.Workflows.Yaml;

/// <summary>
/// Reads the one document of a file into a tree with places. YamlDotNet's own tree expands and nests without bound,
/// stops at the first duplicate key and does not keep what an expression's place is found by, so only its parser is used.
/// </summary>
internal sealed class YamlComposer
{
    /// <summary>The longest file and the most text after aliases are expanded, in UTF-16 code units.</summary>
    public const int MaxCharacters = 8 * 1024 * 1024;

    /// <summary>The most nodes that aliases may add: enough for shared settings, too few for a document that grows without end.</summary>
    public const int MaxAliasNodes = 10_000;

    /// <summary>The deepest nesting; JSON readers stop at 64 levels, and a value gets wrapped in a body.</summary>
    public const int MaxDepth = 50;

    private readonly string _source;
    private readonly ProblemList _problems;
    private readonly Parser _parser;
    private readonly Dictionary<string, YamlTree?> _anchors = new(StringComparer.Ordinal);
    private int _aliasNodes;
    private long _characters;
    private Mark _seen = Mark.Empty;

    private YamlComposer(string source, ProblemList problems)
    {
        _source = source;
        _problems = problems;
        _parser = new Parser(new Scanner(new StringReader(source), skipComments: true));
    }

    /// <summary>Reads the text.</summary>
    /// <param name="source">The whole file.</param>
    /// <param name="problems">Takes what is wrong.</param>
    /// <returns>The document; null when it has none or cannot be read, and then there is a problem.</returns>
    public static YamlTree? Compose(string source, ProblemList problems)
    {
        if (source.Length > MaxCharacters)
        {
            problems.Add(new Place(1, 1), $"the file has {source.Length} characters; at most {MaxCharacters} are read. Pass large data through the object store.");
            return null;
        }

        var composer = new YamlComposer(source, problems);
        try
        {
            return composer.Document();
        }
        catch (YamlException e)
        {
            problems.Add(PlaceOf(e.Start), composer.Explain(e));
        }
        catch (InvalidOperationException)
        {
            // YamlDotNet's scanner ends like this, without a place, when a flow collection is not closed or goes on at the left margin.
            problems.Add(PlaceOf(composer._seen), "not valid YAML: a [ or { that begins here or before is not closed. Close it, indent its further lines, or write it as a block.");
        }

        return null;
    }

    private YamlTree? Document()
    {
        Advance();
        while (_parser.Current is StreamStart or DocumentStart)
            Advance();
        if (_parser.Current is not NodeEvent)
        {
            _problems.Add(new Place(1, 1), "the file is empty; a workflow has at least a name and steps, a file of parameters a map.");
            return null;
        }

        var root = Node(1);
        while (_parser.Current is DocumentEnd)
            Advance();
        if (_parser.Current is DocumentStart second)
            throw new YamlException(second.Start, second.End, "a second document begins here; a file holds one workflow. Put the other into a file of its own.");
        return root;
    }

    private YamlTree Node(int depth)
    {
        var found = _parser.Current!;
        if (depth > MaxDepth)
            throw new YamlException(found.Start, found.End, $"nested deeper than {MaxDepth} levels; make the data flatter.");
        if (found is AnchorAlias alias)
            return Alias(alias);
        // YamlDotNet's parser loses a value or a key behind some misplaced tabs.
        if (found is not NodeEvent current)
            throw new YamlException(found.Start, found.End, "not valid YAML: a key or a value is missing before this place. Check the indentation; indent with spaces, not with tabs.");
        var anchor = current.Anchor.IsEmpty ? null : current.Anchor.Value;
        if (anchor is not null)
            _anchors[anchor] = null;
        YamlTree node = current switch
        {
            SequenceStart list => List(list, depth),
            MappingStart map => Map(map, depth),
            _ => Leaf((Scalar)current),
        };
        if (anchor is not null)
            _anchors[anchor] = node;
        return node;
    }

    private YamlTree Alias(AnchorAlias alias)
    {
        Advance();
        var name = alias.Value.Value;
        if (!_anchors.TryGetValue(name, out var node))
            throw new YamlException(alias.Start, alias.End, $"the alias *{name} names no anchor before it; define it with &{name}{NearestName.SuggestOrStop(name, _anchors.Keys)}");
        if (node is null)
            throw new YamlException(alias.Start, alias.End, $"the alias *{name} stands inside its own anchor; data cannot hold itself.");
        _aliasNodes += node.Nodes;
        Count(node.Characters, alias);
        if (_aliasNodes > MaxAliasNodes)
            throw new YamlException(alias.Start, alias.End, $"the alias *{name} expands the file by more than {MaxAliasNodes} nodes; pass large data through the object store.");
        return node;
    }

    private YamlList List(SequenceStart start, int depth)
    {
        CheckTag(start, "seq");
        Advance();
        var items = new List<YamlTree>();
        while (_parser.Current is not SequenceEnd)
            items.Add(Node(depth + 1));

        Advance();
        return new YamlList(PlaceOf(start.Start), items);
    }

    private YamlMap Map(MappingStart start, int depth)
    {
        CheckTag(start, "map");
        Advance();
        var entries = new List<(YamlScalar, YamlTree)>();
        var places = new Dictionary<string, Place>(StringComparer.Ordinal);
        while (_parser.Current is not MappingEnd)
        {
            var at = _parser.Current!;
            var key = Node(depth + 1);
            var value = Node(depth + 1);
            if (key is not YamlScalar name)
                _problems.Add(PlaceOf(at.Start), "a key must be text; write it as one word or in quotes.");
            else if (name is { Text: "<<", Form: ScalarForm.Plain })
                _problems.Add(name.Place, "merge keys (<<) are not part of YAML 1.2; write the keys out, or share a whole value with an anchor and an alias.");
            else if (!places.TryAdd(name.Text, name.Place))
                _problems.Add(name.Place, $"the key '{name.Text}' stands here for the second time, the first is in line {places[name.Text].Line}; remove one of them.");
            else
                entries.Add((name, value));
        }

        Advance();
        return new YamlMap(PlaceOf(start.Start), entries);
    }

    private YamlScalar Leaf(Scalar scalar)
    {
        Count(scalar.Value.Length, scalar);
        var form = scalar.Style switch
        {
            ScalarStyle.Literal or ScalarStyle.Folded => ScalarForm.Block,
            ScalarStyle.Plain => ScalarForm.Plain,
            _ => ScalarForm.Quoted,
        };
        if (scalar.Tag is { IsEmpty: false, IsNonSpecific: true } or { IsEmpty: false, Value: "tag:yaml.org,2002:str" })
            form = ScalarForm.Quoted;
        else
            CheckTag(scalar, "str");
        Advance();
        return new YamlScalar(PlaceOf(scalar.Start), scalar.Value, form, (int)Math.Min(scalar.Start.Index, _source.Length), (int)Math.Min(scalar.End.Index, _source.Length));
    }

    private void CheckTag(NodeEvent node, string own)
    {
        if (node.Tag is { IsEmpty: false } tag && tag.Value != $"tag:yaml.org,2002:{own}" && !tag.IsNonSpecific)
            _problems.Add(PlaceOf(node.Start), $"the tag {tag.Value} means nothing here; only !!str is known. Remove it.");
    }

    private void Count(long characters, ParsingEvent at)
    {
        _characters += characters;
        if (_characters > MaxCharacters)
            throw new YamlException(at.Start, at.End, $"with aliases expanded, the file has more than {MaxCharacters} characters; pass large data through the object store.");
    }

    private void Advance()
    {
        _parser.MoveNext();
        if (_parser.Current is { } current)
            _seen = current.Start;
    }

    private string Explain(YamlException e)
    {
        var line = _source.Split('\n').ElementAtOrDefault((int)e.Start.Line - 1) ?? "";
        var hint = line.Contains("${{", StringComparison.Ordinal)
            ? " An expression that stands inside { } or [ ] or has ': ' or ' #' in it must be in quotes: \"${{ … }}\"."
            : line.Contains('\t', StringComparison.Ordinal) ? " Indent with spaces, not with tabs." : "";
        return e.GetType() == typeof(YamlException) ? e.Message : $"not valid YAML: {e.Message.TrimEnd('.')}.{hint}";
    }

    private static Place PlaceOf(Mark mark) => new(Math.Max(1, (int)mark.Line), Math.Max(1, (int)mark.Column));
}
