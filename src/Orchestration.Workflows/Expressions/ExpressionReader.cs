using System.Text.Json;
using System.Text.RegularExpressions;
using DevLab.JmesPath;
using DevLab.JmesPath.Expressions;
using Orchestration.Core.Json;
using Orchestration.Workflows.Reading;
using Orchestration.Workflows.Yaml;

namespace Orchestration.Workflows.Expressions;

/// <summary>Where a value with expressions stands.</summary>
/// <param name="Where">For people, such as <c>with</c>.</param>
/// <param name="AllowsItem">Whether <c>item</c> and <c>index</c> mean something there.</param>
/// <param name="Uses">Takes the steps that its expressions name.</param>
internal sealed record ExpressionSite(string Where, bool AllowsItem, StepUses Uses)
{
    /// <summary>Whether values of secrets may stand there.</summary>
    public bool AllowsSecrets { get; init; }
}

/// <summary>The steps that expressions name.</summary>
internal sealed class StepUses
{
    /// <summary>The steps, with the first place of each.</summary>
    public Dictionary<string, Place> Places { get; } = new(StringComparer.Ordinal);

    /// <summary>The steps whose results are looked at.</summary>
    public HashSet<string> Results { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether the status of a step is named.</summary>
    public bool NamesStatus { get; set; }
}

/// <summary>Reads values with expressions, compiles the expressions and checks what they name.</summary>
internal sealed partial class ExpressionReader(string source, ProblemList problems, IReadOnlyList<string> parameters, IReadOnlyList<string> steps, IReadOnlyList<string> secrets)
{
    /// <summary>The longest expression, in UTF-16 code units.</summary>
    public const int MaxLength = 4096;

    /// <summary>The deepest nesting of an expression; JmesPath.Net evaluates by recursion.</summary>
    public const int MaxDepth = 200;

    private readonly JmesPath _jmesPath = new();
    private readonly Dictionary<string, (JmesPathExpression Compiled, ExpressionNames Names)> _compiled = new(StringComparer.Ordinal);

    /// <summary>Reads a value.</summary>
    /// <param name="node">What stands in the file.</param>
    /// <param name="site">Where.</param>
    /// <returns>The value; its mistakes are in the list of problems.</returns>
    public Template Read(YamlTree node, ExpressionSite site)
    {
        switch (node)
        {
            case YamlMap map:
                var members = new List<(string, Template)>();
                foreach (var (key, value) in map.Entries)
                {
                    if (key.Text.Contains(ExpressionText.Opening, StringComparison.Ordinal))
                        problems.Add(key.Place, $"the key '{key.Text}' holds an expression; only values may. Build the object with {{ name: value }} inside one expression.");
                    members.Add((key.Text, Read(value, site with { Where = $"{site.Where}.{key.Text}" })));
                }

                return Simplify(new MapTemplate(members), members.Select(m => m.Item2), node);
            case YamlList list:
                var items = list.Items.Select((item, i) => Read(item, site with { Where = $"{site.Where}[{i}]" })).ToList();
                return Simplify(new ListTemplate(items), items, node);
            default:
                return ReadScalar((YamlScalar)node, site);
        }
    }

    /// <summary>Makes an error text of JmesPath.Net read as part of a sentence of ours.</summary>
    public static string Tidy(string message) => Prefix().Replace(message, "").TrimEnd('.') + ".";

    private Template Simplify(Template template, IEnumerable<Template> parts, YamlTree node) =>
        parts.All(p => p is ConstantTemplate) ? new ConstantTemplate(CoreSchema.ToJson(node, problems)) : template;

    private Template ReadScalar(YamlScalar scalar, ExpressionSite site)
    {
        if (CoreSchema.KindOf(scalar) != JsonValueKind.String || !scalar.Text.Contains(ExpressionText.Opening, StringComparison.Ordinal))
            return new ConstantTemplate(CoreSchema.ToJson(scalar, problems));
        // A block ends with a line break that nobody means as text.
        var text = scalar.Form == ScalarForm.Block ? scalar.Text.TrimEnd('\n') : scalar.Text;
        var places = new ScalarPlaces(source, scalar);
        var pieces = ExpressionText.Split(text, out var unclosed);
        if (unclosed >= 0)
        {
            problems.Add(places.Of(unclosed), $"the expression that begins here has no end: write {ExpressionText.Opening} … }}}}, and close quotes and braces inside it.");
            return new ConstantTemplate(JsonBytes.Null);
        }

        if (pieces is [{ IsExpression: true } alone] && SecretOf(alone) is null)
            return Compile(alone, places, site) is { } lone ? new LoneTemplate(lone) : new ConstantTemplate(JsonBytes.Null);
        if (text.Length < scalar.Text.Length)
            pieces.Add(new Piece(scalar.Text[text.Length..], false, text.Length, text.Length));
        var parts = pieces.Select(p => !p.IsExpression ? new TextPart(p.Text, null, null) : new TextPart(null, Compile(p, places, site), SecretOf(p))).ToList();
        return parts.Exists(p => p is { Text: null, Expression: null }) ? new ConstantTemplate(JsonBytes.Null) : new TextTemplate(parts);
    }

    /// <summary>The secret that an expression is; null when it is anything else.</summary>
    private static string? SecretOf(Piece piece) => piece.IsExpression && Secret().Match(piece.Text) is { Success: true } match ? match.Groups["name"].Value : null;

    private Expression? Compile(Piece piece, ScalarPlaces places, ExpressionSite site)
    {
        void Report(int offset, string message) => problems.Add(places.Of(piece.Start + offset), message);

        var text = piece.Text;
        if (text.Length is 0 or > MaxLength)
        {
            problems.Add(places.Of(piece.Mark), text.Length == 0
                ? "the expression is empty; name a value, such as params.name."
                : $"the expression has {text.Length} characters; at most {MaxLength} are read.");
            return null;
        }

        if (ExpressionText.HyphenatedWord(text, out var at) is { } word)
        {
            Report(at, $"'{word}' is a subtraction in JMESPath and would give null; put the name in double quotes, as in params.\"{word}\", or spaces around the minus.");
            return null;
        }

        try
        {
            if (!_compiled.TryGetValue(text, out var known))
            {
                var names = ExpressionShape.NamesOf(text);
                if (names.Depth > MaxDepth)
                {
                    Report(0, $"the expression nests deeper than {MaxDepth} levels; make it simpler.");
                    return null;
                }

                _compiled[text] = known = (_jmesPath.Parse(text), names);
            }

            Check(text, known.Names, site, Report, places, piece);
            return new Expression(text, site.Where, known.Compiled, known.Names);
        }
        // JmesPath.Net reports mistakes of an expression as plain Exceptions.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            ReportSyntax(text, e, Report);
            return null;
        }
    }

    private void Check(string text, ExpressionNames names, ExpressionSite site, Action<int, string> report, ScalarPlaces places, Piece piece)
    {
        foreach (var name in names.Unknown)
            report(ExpressionText.PlaceOf(name, null, text), $"'{name}' is not known to expressions; they know params, steps{(site.AllowsItem ? ", item and index" : "")}{Hint(name)}");
        CheckSecrets(text, names, site, report);
        foreach (var name in names.Parameters.Where(n => !parameters.Contains(n)))
            report(ExpressionText.PlaceOf(name, "params", text), $"the workflow declares no parameter '{name}'{NearestName.SuggestOrStop(name, parameters)} Declared: {NearestName.List(parameters, "none")}.");
        foreach (var name in names.UnknownMembers)
            report(ExpressionText.PlaceOf(name, null, text), $"a step has no member '{name}'; it has result and status, as in steps.ID.result.");
        if (names.TakesAllSteps)
            report(0, "the expression takes all steps, or everything, as one value, so nobody knows which steps it waits for; name them, as in steps.ID.result.");
        if (names.ItemName is { } item && !site.AllowsItem)
            report(ExpressionText.PlaceOf(item, null, text), $"'{item}' means something only in with, reads and writes of a step with foreach; add a foreach to the step, or name another value.");
        foreach (var name in names.Steps.Distinct())
        {
            var place = places.Of(piece.Start + ExpressionText.PlaceOf(name, "steps", text));
            if (steps.Contains(name))
                site.Uses.Places.TryAdd(name, place);
            else
                problems.Add(place, $"there is no step '{name}'{NearestName.SuggestOrStop(name, steps)} Steps: {NearestName.List(steps, "none")}.");
        }
    }

    private void CheckSecrets(string text, ExpressionNames names, ExpressionSite site, Action<int, string> report)
    {
        site.Uses.Results.UnionWith(names.Results.Where(steps.Contains));
        site.Uses.NamesStatus |= names.Statuses.Count > 0;
        if (names.TakesAllSecrets)
            report(0, "the expression takes all secrets as one value; name one, as in secrets.NAME.");
        foreach (var name in names.Secrets.Distinct())
        {
            var place = ExpressionText.PlaceOf(name, "secrets", text);
            if (!secrets.Contains(name))
                report(place, $"the workflow declares no secret '{name}'{NearestName.SuggestOrStop(name, secrets)} Declared under secrets: {NearestName.List(secrets, "none")}.");
            else if (!site.AllowsSecrets)
                report(place, "a secret may stand only in with, from where it goes to the action and nowhere else.");
            else if (!Secret().IsMatch(text))
                report(place, $"a secret is put in as it is, so nothing can be computed from it; write ${{{{ secrets.{name} }}}} by itself or inside text.");
        }
    }

    private static string Hint(string name) => name is "true" or "false" or "null"
        ? $". Write a literal in backquotes: `{name}`."
        : ". Text is written in single quotes: 'text'.";

    private static void ReportSyntax(string text, Exception e, Action<int, string> report)
    {
        var match = Syntax().Match(e.Message);
        if (!match.Success)
        {
            report(0, $"the expression is wrong: {Tidy(e.Message)}");
            return;
        }

        var near = match.Groups["near"].Value;
        var line = int.Parse(match.Groups["line"].Value, System.Globalization.CultureInfo.InvariantCulture) - 1;
        var column = Math.Max(0, int.Parse(match.Groups["column"].Value, System.Globalization.CultureInfo.InvariantCulture));
        var before = text.Split('\n').Take(line).Sum(l => l.Length + 1);
        if (near.Length == 0)
            report(text.Length, "the expression ends too early; something is missing at its end.");
        else
            report(Math.Min(before + column, text.Length), $"the expression is no valid JMESPath near '{near}'{(Regex.IsMatch(near, "^-?[0-9]+$") ? $"; a number is written in backquotes: `{near}`." : "; see https://jmespath.org for the syntax.")}");
    }

    [GeneratedRegex(@"^secrets\s*\.\s*(""(?<name>[^""\\]+)""|(?<name>\w+))\z")]
    private static partial Regex Secret();

    [GeneratedRegex(@"^Error: ([a-z-]+, )?")]
    private static partial Regex Prefix();

    [GeneratedRegex(@"^Error\((?<line>-?\d+), (?<column>-?\d+)\): syntax, near '(?<near>.*)'\.$", RegexOptions.Singleline)]
    private static partial Regex Syntax();
}
