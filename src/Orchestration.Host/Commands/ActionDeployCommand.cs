using System.CommandLine;
using System.Text.RegularExpressions;
using Orchestration.Host.Actions;
using Orchestration.Host.Terminals;
using Orchestration.OpenWhisk;
using Orchestration.Workflows;
using Orchestration.Workflows.Reading;

namespace Orchestration.Host.Commands;

/// <summary><c>action deploy</c>: puts an action, or all of a workflow, on an OpenWhisk.</summary>
internal static partial class ActionDeployCommand
{
    private static readonly Argument<string?> Source = new("PATH")
    {
        Description = "The action's file or folder, or a workflow file, whose actions are deployed",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Name = new("--name") { HelpName = "NAME", Description = "What to call it [default: the name of the file or folder]" };

    private static readonly Option<string?> Package = new("--package") { HelpName = "P", Description = "The package to put it in, which is made when it is not there [default: none]" };

    private static readonly Option<string?> Kind = new("--kind") { HelpName = "KIND", Description = "The runtime, such as python:3.11 or nodejs:20 [default: the platform's default of the language]" };

    private static readonly Option<string?> Main = new("--main") { HelpName = "FUNCTION", Description = "The function that is called [default: main; of a .NET project PROJECT::PROJECT.Action::Main]" };

    private static readonly Option<string?> Docker = new("--docker") { HelpName = "IMAGE", Description = "Run it in this image; without PATH the image brings the code [default: the kind's own image]" };

    private static readonly Option<string?> Timeout = new("--timeout") { HelpName = "DURATION", Description = "How long one run may take, such as 5m [default: the platform's, 60s]" };

    private static readonly Option<int?> Memory = CommonOptions.AtLeastOne(new("--memory") { HelpName = "MB", Description = "Memory of one run in MB [default: the platform's, 256]" });

    private static readonly Option<bool> Update = new("--update") { Description = "Replace an action of that name that differs [default: it is refused]" };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Show what would be sent, and send nothing" };

    public static Command Create()
    {
        var command = new Command("deploy", "Put an action, or all actions of a workflow, on an OpenWhisk.") { Source, Name, Package, Kind, Main, Docker, Timeout, Memory, Update, DryRun }.WithOpenWhisk();
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var builds = await BuildAsync(invocation);
        await using var whisk = await WhiskAccess.OpenAsync(invocation.Settings, invocation.Terminal, invocation.Interruption);
        if (whisk.IsLocal && invocation.Line.GetValue(Docker) is { } image)
            throw CommandException.Usage($"--docker {image}: the local OpenWhisk runs actions as processes and has no images. Leave it out, or name an OpenWhisk elsewhere with --openwhisk.");
        Warn(builds, whisk, invocation.Terminal);
        using var deployer = new ActionDeployer(whisk.Options);
        var plans = new List<(ActionBuild Build, DeploymentPlan Plan)>();
        foreach (var build in builds)
            plans.Add((build, await deployer.PlanAsync(build.Deployment, invocation.Interruption)));
        if (invocation.Line.GetValue(DryRun))
        {
            foreach (var (build, plan) in plans)
                DeploymentText.PrintPlan(build, plan, whisk, invocation.Terminal);
            return ExitCodes.Completed;
        }
        // All of a workflow or nothing: half of its new actions with half of the old ones is what nobody wants.
        var others = plans.Where(p => p.Plan.State == DeploymentState.Different).Select(p => p.Plan.Action.Name).ToList();
        if (others.Count > 0 && !invocation.Line.GetValue(Update))
            throw CommandException.Failure($"{string.Join(", ", others)}: on {whisk.Place} already, with other code or limits; nothing was sent. Replace with --update, or choose another name with --name or --package.");
        foreach (var (_, plan) in plans)
        {
            await deployer.ApplyAsync(plan, invocation.Interruption);
            invocation.Terminal.Say(DeploymentText.Done(plan, whisk));
        }
        return ExitCodes.Completed;
    }

    private static async Task<IReadOnlyList<ActionBuild>> BuildAsync(Invocation invocation)
    {
        var line = invocation.Line;
        var (path, image, name) = (line.GetValue(Source), line.GetValue(Docker), line.GetValue(Name));
        if (path is null)
        {
            return image is not null && name is not null
                ? [new ActionBuild(Settings(line, name) with { Image = image }, [])]
                : throw CommandException.Usage("Name the action's file or folder, or a workflow file; or an image that brings the code, with --docker IMAGE and --name NAME.");
        }
        if (IsWorkflow(path))
            return OfWorkflow(line, WorkflowFile.Load(path), path);
        var source = ActionSource.Find(path);
        return [await ActionBuild.MakeAsync(source, Settings(line, name ?? source.Name) with { Image = image }, invocation.Terminal, invocation.Interruption)];
    }

    private static bool IsWorkflow(string path) => File.Exists(path) && Path.GetExtension(path).ToLowerInvariant() is ".yaml" or ".yml";

    private static List<ActionBuild> OfWorkflow(ParseResult line, WorkflowFile workflow, string path)
    {
        foreach (var option in new Option[] { Name, Kind, Main, Docker, Timeout, Memory })
            if (line.GetResult(option) is { Implicit: false })
                throw CommandException.Usage($"{option.Name} is for one action, and '{path}' is a workflow: write it into its actions: there.");
        if (workflow.Actions.IsEmpty)
            throw CommandException.Usage($"The workflow '{path}' brings no actions along: it has no actions: part. Deploy the actions by their own files.");
        return [.. workflow.Actions.Select(action => new ActionBuild(
            new OpenWhisk.ActionDeployment(InPackage(line, action.Name), Path.GetFullPath(action.File, workflow.Directory!))
            {
                Kind = action.Kind,
                Main = action.Main,
                Timeout = action.Timeout,
                MemoryMegabytes = action.Memory,
            },
            []))];
    }

    private static OpenWhisk.ActionDeployment Settings(ParseResult line, string name) => new(InPackage(line, name), "")
    {
        Kind = line.GetValue(Kind),
        Main = line.GetValue(Main),
        Timeout = ReadTimeout(line.GetValue(Timeout)),
        MemoryMegabytes = line.GetValue(Memory),
    };

    private static string InPackage(ParseResult line, string name) => line.GetValue(Package) is not { } package ? name
        : name.Contains('/', StringComparison.Ordinal) ? throw CommandException.Usage($"--package {package}: the name '{name}' names a package already. Leave one of them out.")
        : $"{package}/{name}";

    private static TimeSpan? ReadTimeout(string? text) => text is null ? null
        : Durations.TryParse(text, out var duration) && duration > TimeSpan.Zero ? duration
        : throw CommandException.Usage($"--timeout: '{text}' is not a duration. Write it like 90s or 5m.");

    // The platform's image has no object_store; an archive made of a folder has.
    private static void Warn(IEnumerable<ActionBuild> builds, WhiskAccess whisk, Terminal terminal)
    {
        foreach (var deployment in builds.Select(b => b.Deployment).Where(d => !whisk.IsLocal && d.Image is null && d.Content is null && d.File.EndsWith(".py", StringComparison.Ordinal)))
            if (ImportOfObjectStore().IsMatch(File.ReadAllText(deployment.File)))
                terminal.Complain($"warning: {deployment.Name} imports object_store, which is sent only with a folder: put {Path.GetFileName(deployment.File)} into one as __main__.py and deploy that, or use an image that has it (--docker).");
    }

    [GeneratedRegex(@"^\s*(from|import)\s+object_store\b", RegexOptions.Multiline)]
    private static partial Regex ImportOfObjectStore();
}
