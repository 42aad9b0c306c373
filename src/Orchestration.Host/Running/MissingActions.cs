using System.Globalization;
using System.Text;
using Orchestration.Host.Terminals;
using Orchestration.OpenWhisk;
using Orchestration.Workflows;

namespace Orchestration.Host.Running;

/// <summary>Refuses a run whose actions are not all there, before anything of it is started.</summary>
internal static class MissingActions
{
    private const int MostSteps = 3;

    /// <exception cref="CommandException">Actions are missing; the message names all of them with the commands that deploy them.</exception>
    public static async Task RefuseAsync(WorkflowFile workflow, RunEnvironment environment, CancellationToken cancellation)
    {
        var names = workflow.Steps.Select(s => s.Action).Distinct(StringComparer.Ordinal).ToList();
        var missing = await ActionProbe.FindMissingAsync(environment.Whisk!, names, cancellation);
        if (missing.Count > 0)
            throw CommandException.Failure(Describe(workflow, missing, environment.IsLocal ? null : environment.Platform.ApiHost));
    }

    /// <summary>The message.</summary>
    /// <param name="workflow">The workflow.</param>
    /// <param name="missing">The actions that are missing.</param>
    /// <param name="apiHost">OpenWhisk's URL; null for the local one, where the workflow brings its actions along.</param>
    public static string Describe(WorkflowFile workflow, IReadOnlyList<string> missing, string? apiHost)
    {
        var text = new StringBuilder($"{Humanize.Count(missing.Count, "action")} of the workflow '{workflow.Name}' {(missing.Count == 1 ? "is" : "are")} not on the {(apiHost is null ? "local OpenWhisk" : $"OpenWhisk at {apiHost}")}; nothing was started.");
        text.Append(apiHost is null
            ? " Bring what is missing along in the workflow file, or correct the names:\n  actions:"
            : " Deploy what is missing, or correct the names ('wsk action list' shows the actions there):");
        if (apiHost is not null)
        {
            foreach (var package in missing.Select(PackageOf).OfType<string>().Distinct(StringComparer.Ordinal))
                text.Append(CultureInfo.InvariantCulture, $"\n  wsk package update {ShellText.Quote(package)}");
        }
        foreach (var name in missing)
            text.Append(apiHost is null ? $"\n    {Unrooted(name)}: {{ file: actions/{name[(name.LastIndexOf('/') + 1)..]}.py }}" : "\n  " + Create(workflow, name)).Append("   # ").Append(StepsOf(workflow, name));
        return text.ToString();
    }

    private static string Create(WorkflowFile workflow, string name)
    {
        if (workflow.Actions.FirstOrDefault(a => a.Name == Unrooted(name)) is not { } known)
            return $"wsk action create {ShellText.Quote(name)} FILE";
        var command = new StringBuilder($"wsk action create {ShellText.Quote(name)} {ShellText.Quote(Path.GetRelativePath(Directory.GetCurrentDirectory(), Path.GetFullPath(known.File, workflow.Directory ?? Directory.GetCurrentDirectory())))}");
        if (known.Kind is { } kind)
            command.Append(" --kind ").Append(ShellText.Quote(kind));
        if (known.Main is { } main)
            command.Append(" --main ").Append(ShellText.Quote(main));
        if (known.Timeout is { } timeout)
            command.Append(CultureInfo.InvariantCulture, $" --timeout {(long)timeout.TotalMilliseconds}");
        if (known.Memory is { } memory)
            command.Append(CultureInfo.InvariantCulture, $" --memory {memory}");
        return command.ToString();
    }

    private static string StepsOf(WorkflowFile workflow, string action)
    {
        var steps = workflow.Steps.Where(s => s.Action == action).Select(s => s.Id).ToList();
        return $"{(steps.Count == 1 ? "step" : "steps")} {string.Join(", ", steps.Take(MostSteps))}{(steps.Count > MostSteps ? ", …" : "")}";
    }

    // Without /NAMESPACE/ in front.
    private static string Unrooted(string name) => name.StartsWith('/') ? name[(name.IndexOf('/', 1) + 1)..] : name;

    private static string? PackageOf(string name) => name.LastIndexOf('/') is var slash and > 0 && name.IndexOf('/', name.StartsWith('/') ? name.IndexOf('/', 1) + 1 : 0) > 0 ? name[..slash] : null;
}
