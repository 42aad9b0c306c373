using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Orchestration.Core.Json;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Predictions;
using Orchestration.Workflows.Expressions;
using Orchestration.Workflows.Reading;

namespace Orchestration.Workflows;

/// <summary>A workflow file that has been read and checked. <c>docs/workflows.md</c> describes the format.</summary>
public sealed class WorkflowFile
{
    /// <summary>The most bytes that a workflow and the parameters of a run have together: they are stored in one piece.</summary>
    public const int MaxStoredBytes = 8_000_000;

    private readonly string _fileName;

    // JmesPath.Net keeps the value under evaluation inside the compiled expressions.
    private readonly Lock _evaluating = new();

    private WorkflowFile(string source, string fileName, string? directory, WorkflowContent content)
    {
        Source = source;
        _fileName = fileName;
        Directory = directory;
        Name = content.Name;
        Parameters = content.Parameters;
        Secrets = content.Secrets;
        Actions = content.Actions;
        Steps = content.Steps;
        OutputTemplate = content.Output;
        OutputUses = content.OutputUses;
    }

    /// <summary>The workflow's name, shared by all its runs.</summary>
    public string Name { get; }

    /// <summary>The parameters it declares, in the order of the file.</summary>
    public ImmutableArray<WorkflowParameter> Parameters { get; }

    /// <summary>The names of the secrets that it refers to, in the order of the file.</summary>
    public ImmutableArray<string> Secrets { get; }

    /// <summary>The actions it brings along, in the order of the file.</summary>
    public ImmutableArray<ActionDeployment> Actions { get; }

    /// <summary>Its steps, in the order of the file.</summary>
    public ImmutableArray<WorkflowStep> Steps { get; }

    /// <summary>The whole text, as it is stored with a run.</summary>
    public string Source { get; }

    /// <summary>The folder that paths of actions are relative to; null when the text did not come from a file.</summary>
    public string? Directory { get; }

    internal Template? OutputTemplate { get; }

    internal ImmutableArray<string> OutputUses { get; }

    /// <summary>Reads and checks a workflow; files that it names are not looked for.</summary>
    /// <param name="text">The YAML text.</param>
    /// <param name="fileName">What to call it in errors.</param>
    /// <returns>The workflow.</returns>
    /// <exception cref="WorkflowException">It has mistakes; all of them are listed with their places.</exception>
    public static WorkflowFile Parse(string text, string fileName) => Read(text, fileName, null);

    /// <summary>Reads and checks a workflow file; the files of its actions must be there.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The workflow.</returns>
    /// <exception cref="WorkflowException">The file cannot be read, or has mistakes; all of them are listed with their places.</exception>
    public static WorkflowFile Load(string path)
    {
        var text = SourceFile.Read(path, "name the workflow file in it, such as workflow.yaml");
        return Read(text, path, Path.GetDirectoryName(Path.GetFullPath(path)));
    }

    /// <summary>Reads values of parameters from a file: a map of names and values, in YAML or JSON.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The values by name, with the types that they have in the file.</returns>
    /// <exception cref="WorkflowException">The file cannot be read, has mistakes, or names a parameter that the workflow does not declare.</exception>
    public IReadOnlyDictionary<string, JsonBytes> LoadParameters(string path)
    {
        var declared = Parameters.Select(p => p.Name).ToList();
        return ParameterFile.Load(path, (key, problems) =>
        {
            var isDeclared = declared.Contains(key.Text);
            if (!isDeclared)
                problems.Add(key.Place, UndeclaredText(key.Text, declared));
            return isDeclared;
        });
    }

    /// <summary>Reads a parameter's value as it stands on a command line.</summary>
    /// <param name="name">The parameter's name.</param>
    /// <param name="value">Its value: taken as text when the declared default is text; else as JSON when it is JSON, and as text when it is not.</param>
    /// <returns>The value as JSON.</returns>
    /// <exception cref="WorkflowException">The workflow declares no such parameter.</exception>
    public JsonBytes ParseParameter(string name, string value)
    {
        if (Parameters.FirstOrDefault(p => p.Name == name) is not { } parameter)
            throw Undeclared([name]);
        return parameter.Default is { Kind: JsonValueKind.String } ? JsonBytes.FromString(value) : ParameterFile.ParseValue(value);
    }

    /// <summary>Makes the pipeline of one run, to be stored with it.</summary>
    /// <param name="parameters">Values by name; defaults stand in for those that are left out.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="WorkflowException">A value is given for a parameter that is not declared, one without a default is left out, or they give a step no parallelism that can be.</exception>
    public PipelineDefinition ToPipeline(IReadOnlyDictionary<string, JsonBytes> parameters)
    {
        var undeclared = parameters.Keys.Where(name => !Parameters.Any(p => p.Name == name)).Order(StringComparer.Ordinal).ToList();
        if (undeclared.Count > 0)
            throw Undeclared(undeclared);
        var missing = Parameters.Where(p => p.Default is null && !parameters.ContainsKey(p.Name)).ToList();
        if (missing.Count > 0)
            throw new WorkflowException(missing.Select(p => new WorkflowProblem(_fileName, 0, 0, $"the parameter '{p.Name}' has no default and no value; give it one with -p {p.Name}=….")));
        var resolved = JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            foreach (var parameter in Parameters)
            {
                writer.WritePropertyName(parameter.Name);
                var value = parameters.TryGetValue(parameter.Name, out var given) ? given : parameter.Default!.Value;
                writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
            }

            writer.WriteEndObject();
        });
        if (resolved.Length + Encoding.UTF8.GetByteCount(Source) > MaxStoredBytes)
            throw WorkflowException.Of(_fileName, $"the workflow and its parameters have {resolved.Length + Encoding.UTF8.GetByteCount(Source)} bytes together; at most {MaxStoredBytes} are stored with a run. Pass large data through the object store.");
        CheckParallelism(resolved);
        return new PipelineDefinition(WorkflowPipelineFactory.PipelineKind, Source, resolved, [.. Steps.Select(s => s.Id)]);
    }

    /// <summary>The steps as a forecast needs them, each after those that it waits for.</summary>
    /// <param name="parameters">Values by name; defaults stand in for those that are left out.</param>
    /// <returns>The steps.</returns>
    /// <exception cref="WorkflowException">As from <see cref="ToPipeline"/>.</exception>
    public ImmutableArray<ForecastStep> ToForecast(IReadOnlyDictionary<string, JsonBytes> parameters)
    {
        var scope = new Scope(ToPipeline(parameters).Parameters);
        var placed = new HashSet<string>(StringComparer.Ordinal);
        var ordered = ImmutableArray.CreateBuilder<ForecastStep>(Steps.Length);
        // A file has no cycles, so each round places at least one step; most files have their steps in order and need one round.
        while (ordered.Count < Steps.Length)
        {
            foreach (var step in Steps.Where(s => !placed.Contains(s.Id) && s.DependsOn.All(placed.Contains)))
            {
                placed.Add(step.Id);
                lock (_evaluating)
                    ordered.Add(new ForecastStep(step.Id, step.Action, step.DependsOn, step.Parallelism?.Of(scope)));
            }
        }

        return ordered.MoveToImmutable();
    }

    // What the parameters alone decide is told before anything runs.
    private void CheckParallelism(JsonBytes parameters)
    {
        var scope = new Scope(parameters);
        var problems = new List<WorkflowProblem>();
        foreach (var step in Steps)
        {
            try
            {
                lock (_evaluating)
                    _ = step.Parallelism?.Of(scope);
            }
            catch (ExpressionException e)
            {
                problems.Add(new WorkflowProblem(_fileName, 0, 0, $"step '{step.Id}': {e.Message}"));
            }
        }

        if (problems.Count > 0)
            throw new WorkflowException(problems);
    }

    private static WorkflowFile Read(string text, string fileName, string? directory)
    {
        var problems = new ProblemList(fileName, text);
        var content = new WorkflowReader(text, problems).Read(directory is null ? null : file => File.Exists(Path.Combine(directory, file)));
        return content is null || !problems.IsEmpty ? throw problems.ToException() : new WorkflowFile(text, fileName, directory, content);
    }

    private WorkflowException Undeclared(IEnumerable<string> names)
    {
        var declared = Parameters.Select(p => p.Name).ToList();
        return new WorkflowException(names.Select(name => new WorkflowProblem(_fileName, 0, 0, UndeclaredText(name, declared))));
    }

    private string UndeclaredText(string name, List<string> declared) =>
        $"the workflow '{Name}' declares no parameter '{name}'{NearestName.SuggestOrStop(name, declared)} Declared: {NearestName.List(declared, "none")}.";
}
