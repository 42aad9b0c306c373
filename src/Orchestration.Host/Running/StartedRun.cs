using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Reports;
using Orchestration.Core.State;
using Orchestration.Host.Commands;
using Orchestration.Host.Demos;
using Orchestration.Host.Settings;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;
using Orchestration.Workflows;

namespace Orchestration.Host.Running;

/// <summary>A stored run with what is needed to go on with it where it was started.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Start">How it was started.</param>
/// <param name="Report">Where it stands.</param>
/// <param name="Note">What the host kept with it.</param>
internal sealed record StartedRun(OrchestrationId Id, OrchestrationStarted Start, OrchestrationReport Report, RunNote Note)
{
    /// <summary>Reads the one run that is meant.</summary>
    /// <exception cref="CommandException">There is none, or more than one.</exception>
    public static StartedRun Read(StoredRuns runs, string idOrPrefix)
    {
        var id = runs.Resolve(idOrPrefix);
        var report = runs.ReadReport(id);
        if (report.Status == OrchestrationStatus.Unknown)
            throw CommandException.Failure($"The run {id} was recorded by the Python system without an end, and nothing tells how it would go on. It can be shown, not resumed; start it anew with '{CommandName.Text} run'.");
        var start = runs.ReadStart(id);
        return new StartedRun(id, start, report, RunNote.Read(start.ClientData));
    }

    /// <summary>A run goes on where it was started. What is typed may only say the same; settings for new runs don't count.</summary>
    /// <exception cref="CommandException">Something else was typed, or a secret has no value.</exception>
    public HostSettings Apply(HostSettings settings)
    {
        // A service has secrets and an OpenWhisk of its own.
        if (settings.Server is not null)
            return settings;
        var applied = AsStarted(settings);
        applied.Secrets.Require(Start.Pipeline is { } pipeline && pipeline.Kind != HealPipeline.KindName ? new WorkflowPipelineFactory().Create(pipeline).Secrets : []);
        return applied;
    }

    /// <summary>As <see cref="Apply"/>, for what needs no secrets of the workflow.</summary>
    /// <exception cref="CommandException">Something else was typed.</exception>
    public HostSettings AsStarted(HostSettings settings)
    {
        var platform = Start.Platform;
        if (settings.OpenWhisk is { } given && given.Source == CommonOptions.OpenWhisk.Name && !IsSame(given.Value, platform.ApiHost))
            throw CommandException.Usage($"{given.Source}: the run was started on {platform.ApiHost} and goes on there, not on {given.Value}. Leave the option out.");
        return settings with
        {
            OpenWhisk = new Given(platform.ApiHost, "as it was started"),
            Insecure = (settings.Insecure ?? false) || Note.Insecure,
            ObjectStore = platform.ObjectStore.Length == 0 ? null : new Given(platform.ObjectStore, "as it was started"),
            PoolSize = settings.PoolSize ?? Note.PoolSize,
            MaxInFlight = settings.MaxInFlight ?? Note.MaxInFlight,
            Secrets = settings.Secrets.File is null && Note.SecretsFile is { } file ? settings.Secrets.WithFile(new Given(file, "as it was started")) : settings.Secrets,
            BlockingWait = settings.BlockingWait ?? Note.BlockingWait,
        };
    }

    /// <summary>Looks at the film when the run is a demo and complete.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> CheckDemoAsync(RunResult result, Invocation invocation)
    {
        if (result.Report is { Status: OrchestrationStatus.Completed } && Note.Demo is { } demo)
            await DemoCheck.RunAsync(demo, Note.Gets[0].File, invocation.Terminal, invocation.Interruption);
        return result.ExitCode;
    }

    private static bool IsSame(string given, string stored) =>
        given == stored || (given != OpenWhiskChoice.LocalName && Uri.TryCreate(given.Contains("://", StringComparison.Ordinal) ? given : "https://" + given, UriKind.Absolute, out var host) && host.AbsoluteUri.TrimEnd('/') == stored);
}
