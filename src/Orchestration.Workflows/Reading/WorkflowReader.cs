using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Orchestration.Core.Retries;
using Orchestration.Workflows.Expressions;
using Orchestration.Workflows.Yaml;

namespace Orchestration.Workflows.Reading;

/// <summary>What a file says, once it has no mistakes.</summary>
internal sealed record WorkflowContent(
    string Name,
    ImmutableArray<WorkflowParameter> Parameters,
    ImmutableArray<string> Secrets,
    ImmutableArray<ActionDeployment> Actions,
    ImmutableArray<WorkflowStep> Steps,
    Template? Output,
    ImmutableArray<string> OutputUses);

/// <summary>Reads a whole file and gathers all its mistakes.</summary>
internal sealed partial class WorkflowReader(string source, ProblemList problems)
{
    /// <summary>The most steps of one file.</summary>
    public const int MaxSteps = 1000;

    internal static readonly string[] Keys = ["name", "params", "secrets", "defaults", "actions", "steps", "output"];
    internal static readonly string[] DefaultKeys = ["parallelism", "retry"];
    internal static readonly string[] ActionKeys = ["file", "kind", "main", "timeout", "memory"];

    /// <summary>Reads the file.</summary>
    /// <param name="fileExists">Tells whether an action's file is there; null when nobody can know.</param>
    /// <returns>What it says; null when it cannot be read, and then there is a problem.</returns>
    public WorkflowContent? Read(Func<string, bool>? fileExists)
    {
        if (YamlComposer.Compose(source, problems) is not { } root || MapReader.Open(root, "the workflow", problems, Keys) is not { } map)
            return null;
        var name = map.Text(map.Require("name", "give it one; all runs of the workflow share it."), "name");
        var parameters = ReadParameters(map);
        var secrets = ReadSecrets(map);
        var actions = ReadActions(map, fileExists);
        var steps = map.Require("steps", "give it a list with at least one step.") switch
        {
            null => [],
            YamlList { Items.Count: > 0 and <= MaxSteps } list => list.Items,
            var other => NoSteps(other),
        };
        var ids = StepReader.Ids(steps, problems);
        var expressions = new ExpressionReader(source, problems, [.. parameters.Select(p => p.Name)], ids, secrets);
        var (parallelism, retry) = ReadDefaults(map, expressions);
        var reader = new StepReader(problems, expressions, ids, parallelism, retry);
        var read = steps.Select(reader.Read).OfType<WorkflowStep>().ToImmutableArray();
        var uses = new StepUses();
        var output = map.Find("output") is { } node ? expressions.Read(node, new ExpressionSite("output", false, uses)) : null;
        if (read.Length == ids.Count)
            ReportCycles(ids, reader.Dependencies);
        return new WorkflowContent(name ?? "", parameters, secrets, actions, read, output, [.. ids.Where(uses.Results.Contains)]);
    }

    private IReadOnlyList<YamlTree> NoSteps(YamlTree node)
    {
        problems.Add(node.Place, node is YamlList list
            ? list.Items.Count == 0 ? "steps is an empty list; give it at least one step." : $"there are {list.Items.Count} steps; at most {MaxSteps} are read. Use foreach to run one action many times."
            : $"steps is {MapReader.Describe(node)}; it takes a list of steps, each with a dash: - id: …");
        return [];
    }

    private ImmutableArray<WorkflowParameter> ReadParameters(MapReader map)
    {
        if (map.FindFilled("params") is not { } node)
            return [];
        if (node is not YamlMap parameters)
        {
            problems.Add(node.Place, $"params is {MapReader.Describe(node)}; it takes a map of names and defaults.");
            return [];
        }

        var read = ImmutableArray.CreateBuilder<WorkflowParameter>();
        foreach (var (key, value) in parameters.Entries)
        {
            if (!ParameterForm().IsMatch(key.Text))
                problems.Add(key.Place, $"the parameter's name is '{key.Text}'; it begins with a letter or _ and goes on with letters, digits, _, - and .");
            ReportExpressions(value, key.Text);
            var json = CoreSchema.ToJson(value, problems);
            read.Add(new WorkflowParameter(key.Text, json.Kind == System.Text.Json.JsonValueKind.Null ? null : json));
        }

        return read.ToImmutable();
    }

    private ImmutableArray<string> ReadSecrets(MapReader map)
    {
        var read = ImmutableArray.CreateBuilder<string>();
        foreach (var item in map.List("secrets", "names of secrets"))
        {
            if (item is not YamlScalar name || !SecretForm().IsMatch(name.Text))
                problems.Add(item.Place, $"secrets holds {MapReader.Describe(item)}; it takes names, each a letter or _ and then letters, digits and _, such as API_KEY. Values never stand in the file.");
            else if (read.Contains(name.Text))
                problems.Add(item.Place, $"the secret '{name.Text}' stands here for the second time; remove one of them.");
            else
                read.Add(name.Text);
        }

        return read.ToImmutable();
    }

    private void ReportExpressions(YamlTree node, string parameter)
    {
        switch (node)
        {
            case YamlScalar scalar when scalar.Text.Contains(ExpressionText.Opening, StringComparison.Ordinal):
                problems.Add(scalar.Place, $"the default of '{parameter}' holds an expression; defaults are plain values. Put the expression where the parameter is used.");
                break;
            case YamlList list:
                foreach (var item in list.Items)
                    ReportExpressions(item, parameter);
                break;
            case YamlMap inner:
                foreach (var (_, value) in inner.Entries)
                    ReportExpressions(value, parameter);
                break;
        }
    }

    private (Parallelism? Parallelism, RetryPolicy Retry) ReadDefaults(MapReader map, ExpressionReader expressions)
    {
        if (map.FindFilled("defaults") is not { } node || MapReader.Open(node, "defaults", problems, DefaultKeys) is not { } defaults)
            return (null, RetryPolicy.Default);
        return (Parallelism.Read(defaults, expressions, problems), RetryReader.Read(defaults.FindFilled("retry"), RetryPolicy.Default, problems));
    }

    private ImmutableArray<ActionDeployment> ReadActions(MapReader map, Func<string, bool>? fileExists)
    {
        if (map.FindFilled("actions") is not { } node)
            return [];
        if (node is not YamlMap actions)
        {
            problems.Add(node.Place, $"actions is {MapReader.Describe(node)}; it takes a map of names, each with file, and kind, main, timeout, memory where needed.");
            return [];
        }

        var read = ImmutableArray.CreateBuilder<ActionDeployment>();
        foreach (var (key, value) in actions.Entries)
        {
            if (!ActionNameForm().IsMatch(key.Text))
                problems.Add(key.Place, $"the action's name is '{key.Text}'; it takes name or package/name.");
            if (MapReader.Open(value, $"the action '{key.Text}'", problems, ActionKeys) is not { } action)
                continue;
            var fileNode = action.Require("file", "name its code, relative to this file.");
            var file = action.Text(fileNode, "file");
            if (file is not null && fileExists?.Invoke(file) == false)
                problems.Add(fileNode!.Place, $"there is no file '{file}' for the action '{key.Text}'; the path is relative to the workflow file's folder.");
            var timeout = action.Duration("timeout");
            if (timeout == TimeSpan.Zero)
                problems.Add(action.Find("timeout")!.Place, "timeout is 0; it takes a duration above 0.");
            read.Add(new ActionDeployment(key.Text, file ?? "", action.Text(action.Find("kind"), "kind"), action.Text(action.Find("main"), "main"), timeout, action.Integer("memory", 1, 1_048_576)));
        }

        return read.ToImmutable();
    }

    private void ReportCycles(List<string> ids, IReadOnlyDictionary<string, IReadOnlyDictionary<string, Place>> dependencies)
    {
        foreach (var (cycle, place) in new DependencyGraph(ids, dependencies).Cycles())
            problems.Add(place, $"steps wait for each other in a cycle: {string.Join(" → ", cycle)} (→ means waits for); remove one of these dependencies.");
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_.-]*\z")]
    private static partial Regex ParameterForm();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex SecretForm();

    [GeneratedRegex(@"^([A-Za-z0-9_][\w@ .-]*/)?[A-Za-z0-9_]([\w@ .-]*[\w@.-])?\z")]
    private static partial Regex ActionNameForm();
}
