using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestration.Core.Actions;
using Orchestration.Core.Json;
using Orchestration.Core.Retries;
using Orchestration.Workflows.Expressions;
using Orchestration.Workflows.Yaml;

namespace Orchestration.Workflows.Reading;

/// <summary>Reads the steps of a file.</summary>
internal sealed partial class StepReader(ProblemList problems, ExpressionReader expressions, IReadOnlyList<string> ids, Parallelism? parallelism, RetryPolicy retry)
{
    private const string Always = "always";

    internal static readonly string[] Keys =
    [
        "id", "action", "needs", "when", "foreach", "with", "reads", "writes", "writers", "collect",
        "parallelism", "retry", "timeout", "failFast", "onFailure",
    ];

    private readonly Dictionary<string, IReadOnlyDictionary<string, Place>> _dependencies = new(StringComparer.Ordinal);

    /// <summary>The dependencies of the steps read so far.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, Place>> Dependencies => _dependencies;

    /// <summary>Collects the ids, before any step is read: a step may name one further down.</summary>
    public static List<string> Ids(IReadOnlyList<YamlTree> steps, ProblemList problems)
    {
        var ids = new List<string>();
        foreach (var step in steps.OfType<YamlMap>())
        {
            if (step.Entries.FirstOrDefault(e => e.Key.Text == "id").Value is not YamlScalar id)
                continue;
            if (!IdForm().IsMatch(id.Text) || CoreSchema.KindOf(id) != JsonValueKind.String)
                problems.Add(id.Place, $"the id is {MapReader.Describe(id)}; an id begins with a letter or _ and goes on with letters, digits and _, so that expressions can name it.");
            else if (ids.Contains(id.Text))
                problems.Add(id.Place, $"the id '{id.Text}' is taken by a step above; give this step another one.");
            else
                ids.Add(id.Text);
        }

        return ids;
    }

    /// <summary>Reads a step.</summary>
    /// <param name="node">What stands in the file.</param>
    /// <returns>The step; null when it has no usable id or action, and then there is a problem.</returns>
    public WorkflowStep? Read(YamlTree node)
    {
        if (MapReader.Open(node, "a step", problems, Keys) is not { } map)
            return null;
        var id = map.Require("id", "give it one, as expressions and reports name the step by it.");
        if (id is not null and not YamlScalar)
            problems.Add(id.Place, $"the id is {MapReader.Describe(id)}; it takes text.");
        var action = map.Text(map.Require("action", "name the action that it runs."), "action");
        if (action is not null && !ActionForm().IsMatch(action))
            problems.Add(map.Find("action")!.Place, $"the action is '{action}'; it takes name, package/name or /namespace/package/name.");

        var uses = new StepUses();
        var whenUses = new StepUses();
        var items = new ItemReader(problems, expressions);
        var when = ReadWhen(map, whenUses);
        var (forEach, stored) = items.Read(map, uses);
        var with = ReadWith(map, new ExpressionSite("with", map.Find("foreach") is not null, uses) { AllowsSecrets = true });
        var reads = items.ReadObjects(map, "reads", uses);
        var writes = items.ReadObjects(map, "writes", uses);
        var collect = map.Find("collect") is { } target ? items.ReadObject(target, new ExpressionSite("collect", false, uses)) : null;
        var name = (id as YamlScalar)?.Text ?? "";
        var dependencies = ReadNeeds(map, uses, whenUses);
        foreach (var self in dependencies.Where(d => d.Key == name).ToList())
        {
            problems.Add(self.Value, $"the step '{name}' waits for itself; name another step.");
            dependencies.Remove(self.Key);
        }

        var atOnce = Parallelism.Read(map, expressions, problems) ?? parallelism;
        var options = ReadOptions(map, atOnce?.Number);
        var onFailure = map.Word("onFailure", "stop", "continue") == "continue" ? OnFailure.Continue : OnFailure.Stop;
        if (action is null || !ids.Contains(name) || !_dependencies.TryAdd(name, dependencies))
            return null;
        return new WorkflowStep(name, action, with)
        {
            When = when,
            DecidesItself = whenUses.NamesStatus || IsAlways(map.Find("when")),
            ForEach = forEach,
            Items = stored,
            Reads = reads,
            Writes = writes,
            Collect = collect,
            OnFailure = onFailure,
            Options = options,
            Parallelism = atOnce,
            DependsOn = [.. ids.Where(dependencies.ContainsKey)],
            WhenUses = [.. ids.Where(whenUses.Results.Contains)],
            Uses = [.. ids.Where(uses.Results.Contains)],
        };
    }

    private static bool IsAlways(YamlTree? node) => node is YamlScalar { Text: Always };

    private BatchOptions ReadOptions(MapReader map, int? atOnce)
    {
        var options = new BatchOptions(
            atOnce,
            RetryReader.Read(map.FindFilled("retry"), retry, problems),
            map.Word("writers", "single", "shared") == "shared" ? Writers.Shared : Writers.Single)
        {
            FailFast = map.Flag("failFast") ?? false,
            Timeout = map.Duration("timeout"),
        };
        if (options.Timeout == TimeSpan.Zero)
            problems.Add(map.Find("timeout")!.Place, "timeout is 0; it takes a duration above 0.");
        if (map.Find("failFast") is { } failFast && map.Find("foreach") is null)
            problems.Add(failFast.Place, "failFast means something only with foreach, where one item may fail while others wait; remove it, or add a foreach.");
        return options;
    }

    private Template? ReadWhen(MapReader map, StepUses uses)
    {
        if (map.Find("when") is not { } node || IsAlways(node))
            return null;
        if (node is YamlScalar constant && CoreSchema.KindOf(constant) is JsonValueKind.True or JsonValueKind.False)
            return new ConstantTemplate(CoreSchema.ToJson(node, problems));
        var template = expressions.Read(node, new ExpressionSite("when", false, uses));
        var isExpression = node is YamlScalar scalar && scalar.Text.Contains(ExpressionText.Opening, StringComparison.Ordinal);
        if (template is TextTemplate || !isExpression)
            problems.Add(node.Place, $"when is {MapReader.Describe(node)}; it takes one expression that gives true or false, such as ${{{{ params.check == 'yes' }}}}, or true, false or {Always}.");
        return template;
    }

    private Template ReadWith(MapReader map, ExpressionSite site)
    {
        if (map.FindFilled("with") is not { } node)
            return new ConstantTemplate(JsonBytes.EmptyObject);
        var template = expressions.Read(node, site);
        var isExpression = node is YamlScalar scalar && scalar.Text.Contains(ExpressionText.Opening, StringComparison.Ordinal);
        if (node is YamlMap parameters)
        {
            foreach (var (key, _) in parameters.Entries.Where(e => ReservedNames.Contains(e.Key.Text)))
                problems.Add(key.Place, $"'{key.Text}' is a reserved name that the orchestrator fills in; choose another name for the parameter.");
        }
        else if (template is TextTemplate || !isExpression)
        {
            problems.Add(node.Place, $"with is {MapReader.Describe(node)}; it takes a map of parameters, or one expression that gives an object.");
        }

        return template;
    }

    private Dictionary<string, Place> ReadNeeds(MapReader map, StepUses uses, StepUses whenUses)
    {
        var dependencies = new Dictionary<string, Place>(uses.Places, StringComparer.Ordinal);
        foreach (var (step, place) in whenUses.Places)
            dependencies.TryAdd(step, place);
        foreach (var item in map.OneOrMore("needs"))
        {
            if (item is not YamlScalar scalar)
                problems.Add(item.Place, $"needs holds {MapReader.Describe(item)}; it takes ids of steps.");
            else if (!ids.Contains(scalar.Text))
                problems.Add(item.Place, $"there is no step '{scalar.Text}'{NearestName.SuggestOrStop(scalar.Text, ids)} Steps: {NearestName.List(ids, "none")}.");
            else
                dependencies.TryAdd(scalar.Text, item.Place);
        }

        return dependencies;
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex IdForm();

    // Entity names of OpenWhisk: letters, digits, _, and inside also @ . - and spaces (EntityName in its common/scala sources).
    [GeneratedRegex(@"^(/[\w@ .-]+/([\w@ .-]+/)?|[\w@ .-]+/)?[A-Za-z0-9_]([\w@ .-]*[\w@.-])?\z")]
    private static partial Regex ActionForm();
}
