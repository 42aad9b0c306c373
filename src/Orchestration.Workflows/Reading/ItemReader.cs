using System.Collections.Immutable;
using System.Text.Json;
using Orchestration.Core.Actions;
using Orchestration.Core.Objects;
using Orchestration.Workflows.Expressions;
using Orchestration.Workflows.Running;
using Orchestration.Workflows.Yaml;

namespace Orchestration.Workflows.Reading;

/// <summary>Reads what a step runs over, and the objects that it names.</summary>
internal sealed class ItemReader(ProblemList problems, ExpressionReader expressions)
{
    internal static readonly string[] StoredKeys = ["objects", "lines", "format"];

    private const string Takes = "foreach takes one expression that gives a list, a list, { objects: bucket/prefix } or { lines: bucket/key }.";

    /// <summary>Reads <c>foreach</c>.</summary>
    /// <param name="map">The step.</param>
    /// <param name="uses">Takes the steps that it names.</param>
    /// <returns>What gives the list, or what to read from the object store; neither when there is no foreach or it has a mistake.</returns>
    public (Template? List, StoredItems? Stored) Read(MapReader map, StepUses uses)
    {
        if (map.Find("foreach") is not { } node)
            return (null, null);
        if (node is YamlMap)
            return (null, ReadStored(node, uses));
        var template = expressions.Read(node, new ExpressionSite("foreach", false, uses));
        // A wrong expression has its own problem already.
        if (template is TextTemplate || (node is not YamlList && !IsExpression(node)))
            problems.Add(node.Place, $"foreach is {MapReader.Describe(node)}; {Takes}");
        return (template, null);
    }

    /// <summary>Reads a list of objects.</summary>
    public ImmutableArray<Template> ReadObjects(MapReader map, string key, StepUses uses)
    {
        var items = map.List(key, "objects, each as bucket/key");
        var templates = ImmutableArray.CreateBuilder<Template>();
        for (var i = 0; i < items.Count; i++)
            if (ReadObject(items[i], new ExpressionSite($"{key}[{i}]", map.Find("foreach") is not null, uses), key) is { } template)
                templates.Add(template);
        return templates.ToImmutable();
    }

    /// <summary>Reads the name of one object; null, and a problem, when something else stands there.</summary>
    public Template? ReadObject(YamlTree node, ExpressionSite site, string? within = null)
    {
        if (IsText(node) && (IsExpression(node) || ObjectKey.TryParse(((YamlScalar)node).Text, out _)))
            return expressions.Read(node, site);
        problems.Add(node.Place, $"{(within is null ? $"{site.Where} is" : $"{within} holds")} {MapReader.Describe(node)}; it takes bucket/key, such as input-video/clip.mp4.");
        return null;
    }

    private StoredItems? ReadStored(YamlTree node, StepUses uses)
    {
        if (MapReader.Open(node, "foreach", problems, StoredKeys) is not { } map)
            return null;
        var (objects, lines, format) = (map.Find("objects"), map.Find("lines"), map.Find("format"));
        if (objects is null == lines is null)
        {
            problems.Add(node.Place, $"foreach is a map with {(objects is null ? "neither objects nor lines" : "both objects and lines")}; {Takes}");
            return null;
        }

        if (format is not null && lines is null)
            problems.Add(format.Place, "format belongs to lines; objects have none.");
        bool? isJson = map.Word("format", "text", "json") switch { "json" => true, "text" => false, _ => null };
        var place = lines is not null
            ? ReadObject(lines, new ExpressionSite("foreach.lines", false, uses))
            : ReadPrefix(objects!, new ExpressionSite("foreach.objects", false, uses));
        return place is null ? null : new StoredItems(lines is null ? ItemKind.Objects : ItemKind.Lines, place, isJson);
    }

    private Template? ReadPrefix(YamlTree node, ExpressionSite site)
    {
        if (IsText(node) && (IsExpression(node) || StoragePlaces.TryParsePrefix(((YamlScalar)node).Text, out _, out _)))
            return expressions.Read(node, site);
        problems.Add(node.Place, $"{site.Where} is {MapReader.Describe(node)}; it takes bucket/prefix, such as photos/2026/, or a bucket for all that is in it.");
        return null;
    }

    private static bool IsText(YamlTree node) => node is YamlScalar scalar && CoreSchema.KindOf(scalar) == JsonValueKind.String;

    private static bool IsExpression(YamlTree node) => node is YamlScalar scalar && scalar.Text.Contains(ExpressionText.Opening, StringComparison.Ordinal);
}
