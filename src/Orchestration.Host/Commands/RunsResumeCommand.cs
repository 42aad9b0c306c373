using System.CommandLine;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Reports;
using Orchestration.Core.State;
using Orchestration.Host.Demos;
using Orchestration.Host.Running;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;
using Orchestration.Workflows;

namespace Orchestration.Host.Commands;

/// <summary><c>runs resume</c>: goes on with a run where it was started, without its options.</summary>
internal static class RunsResumeCommand
{
    private static readonly Argument<string> Id = RunsCommand.NewIdArgument();

    public static Command Create()
    {
        var command = new Command("resume", "Go on with an interrupted run and wait for its end. What succeeded is not run again.") { Id, CommonOptions.SecretsFile };
        CommonOptions.AddSession(command);
        CommonOptions.AddPlatform(command);
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        OrchestrationId id;
        OrchestrationStarted start;
        using (var runs = new StoredRuns(RunStorage.Of(invocation.Settings)))
        {
            id = runs.Resolve(invocation.Line.GetRequiredValue(Id));
            var report = runs.ReadReport(id);
            if (report.Status != OrchestrationStatus.Running)
                return ShowEnded(invocation, report);
            start = runs.ReadStart(id);
        }

        var note = RunNote.Read(start.ClientData);
        var settings = AsStarted(invocation.Settings, start.Platform, note);
        settings.Secrets.Require(SecretsOf(start));
        var choice = OpenWhiskChoice.Make(settings);
        await using var environment = await RunEnvironment.OpenAsync(settings, choice, invocation.Terminal, invocation.Interruption);
        var result = await new RunSession(environment, settings.PoolSize, invocation.Reports(RunStorage.Of(invocation.Settings))).ResumeAsync(id, note, invocation.Interruption);
        if (result.Report is { Status: OrchestrationStatus.Completed } && note.Demo is { } demo)
            await DemoCheck.RunAsync(demo, note.Gets[0].File, invocation.Terminal, invocation.Interruption);
        return result.ExitCode;
    }

    private static IEnumerable<string> SecretsOf(OrchestrationStarted start) =>
        start.Pipeline is { } pipeline ? new WorkflowPipelineFactory().Create(pipeline).Secrets : [];

    private static int ShowEnded(Invocation invocation, OrchestrationReport report)
    {
        invocation.Terminal.Say($"The run {report.Id} has ended already; this is its report.");
        invocation.Reports(RunStorage.Of(invocation.Settings)).Put(report);
        return ExitCodes.Of(report.Status);
    }

    // A run goes on where it was started. What is typed may only say the same; settings for new runs don't count.
    private static HostSettings AsStarted(HostSettings settings, Platform platform, RunNote note)
    {
        if (settings.OpenWhisk is { } given && given.Source == CommonOptions.OpenWhisk.Name && !IsSame(given.Value, platform.ApiHost))
            throw CommandException.Usage($"{given.Source}: the run was started on {platform.ApiHost} and goes on there, not on {given.Value}. Leave the option out.");
        return settings with
        {
            OpenWhisk = new Given(platform.ApiHost, "as it was started"),
            Insecure = (settings.Insecure ?? false) || note.Insecure,
            ObjectStore = platform.ObjectStore.Length == 0 ? null : new Given(platform.ObjectStore, "as it was started"),
            PoolSize = settings.PoolSize ?? note.PoolSize,
            MaxInFlight = settings.MaxInFlight ?? note.MaxInFlight,
            Secrets = settings.Secrets.File is null && note.SecretsFile is { } file ? settings.Secrets.WithFile(new Given(file, "as it was started")) : settings.Secrets,
            BlockingWait = settings.BlockingWait ?? note.BlockingWait,
        };
    }

    private static bool IsSame(string given, string stored) =>
        given == stored || (given != OpenWhiskChoice.LocalName && Uri.TryCreate(given.Contains("://", StringComparison.Ordinal) ? given : "https://" + given, UriKind.Absolute, out var host) && host.AbsoluteUri.TrimEnd('/') == stored);
}
