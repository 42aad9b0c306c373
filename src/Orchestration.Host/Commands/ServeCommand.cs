using System.CommandLine;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;
using Orchestration.Actors.Client;
using Orchestration.Core.State;
using Orchestration.Host.Api.Runs;
using Orchestration.Host.Logs;
using Orchestration.Host.Remote;
using Orchestration.Host.Running;
using Orchestration.Host.Settings;
using Orchestration.Host.Telemetry;
using Orchestration.Host.Terminals;
using Orchestration.Workflows.Reading;

namespace Orchestration.Host.Commands;

/// <summary><c>serve</c>: works on a data directory for other programs, until it is stopped.</summary>
internal static class ServeCommand
{
    private static readonly TimeSpan DefaultDrain = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    private static readonly Option<string?> EndWhenIdle = new("--end-when-idle")
    {
        HelpName = "DURATION",
        Description = "End when for so long nobody has asked anything and no action ran, such as 5m; runs that a program has left open can be resumed [default: never]",
    };

    public static Command Create()
    {
        var command = new Command("serve", "Serve the HTTP API until Ctrl-C, and go on with the runs that an earlier process left.") { EndWhenIdle, CommonOptions.SecretsFile };
        ServiceOptions.AddTo(command);
        CommonOptions.AddPlatform(command);
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync, ServiceSetup.Check));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var (settings, terminal, interruption) = (invocation.Settings, invocation.Terminal, invocation.Interruption);
        var patience = ReadIdle(invocation.Line.GetValue(EndWhenIdle));
        if (ServiceFile.FindLive(ServiceFile.OfOwner(settings.DataDirectory)) is { } other)
            throw CommandException.Failure($"The process {other.Pid} serves {settings.DataDirectory} already, at {other.Url}. Use that one, stop it, or use another --data-dir.");
        var (choice, api) = (OpenWhiskChoice.Make(settings), ServiceSetup.ReadApi(settings));
        using var certificate = api.Listening?.Certificate;
        await using var environment = await RunEnvironment.OpenAsync(settings, choice, terminal, interruption);
        Directory.CreateDirectory(settings.DataDirectory);
        if (choice is OpenWhiskChoice.External external)
            KeptCredentials.Keep(settings.DataDirectory, external.Options.ApiHost, external.Options.Auth);
        var logDirectory = ServiceSetup.ReadLogDirectory(settings);
        await using var host = await OrchestratorHost.StartAsync(environment, settings.PoolSize, terminal, interruption, resumes: true, settings.Service.MaxActive);
        var unfinished = (await host.Client.GetUnfinishedAsync(interruption)).Entries.Keys.ToList();
        await using var ownership = await Ownership.ServeAsync(host.Client, environment, unfinished, api, terminal, interruption);
        using var log = LogOutput.Factory(terminal);
        await using var logs = new RunLogs(host.Client, terminal.LogsJson || terminal.Verbose ? log.CreateLogger<RunLogs>() : null, logDirectory);
        if (terminal.LogsJson || terminal.Verbose || logDirectory is not null)
            ownership.Active.OnAdded(logs.Follow);
        using var counting = ServiceTelemetry.Count(ownership.Active);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(interruption);
        var abandoned = new AbandonedRuns(host.Client, ownership.Active, environment.Storage, settings.Service.AbandonAfter ?? AbandonedRuns.DefaultAfter, terminal, TimeProvider.System).WatchAsync(ending.Token);
        terminal.Say($"""
            serving on {(ownership.Server!.PublicAddress ?? ownership.Server.BaseAddress).AbsoluteUri.TrimEnd('/')}
              try it     {(ownership.Server.PublicAddress ?? ownership.Server.BaseAddress).AbsoluteUri}docs
              runs       {environment.Storage.Name}{(unfinished.Count == 0 ? "" : $", going on with {Humanize.Count(unfinished.Count, "run")}")}
              objects    {environment.Store?.Location ?? "none"}
              token      in {ServiceFile.OfOwner(settings.DataDirectory)}
            Ctrl-C stops it; what runs then goes on when it is started again.
            """);
        var notifier = new SystemdNotifier();
        notifier.Notify(ServiceState.Ready);
        await StayAsync(host.Client, ownership, patience, interruption);
        notifier.Notify(ServiceState.Stopping);
        await ending.CancelAsync();
        await abandoned;
        await DrainAsync(host.Client, ownership.Active, settings.Service.Drain ?? DefaultDrain, terminal);
        terminal.Say(interruption.IsCancellationRequested ? "stopped" : "stopped: nobody asked for anything");
        return ExitCodes.Completed;
    }

    // Nothing new is started and what is about to end is waited for; the rest goes on in the next process.
    private static async Task DrainAsync(IOrchestrationClient client, ActiveRuns active, TimeSpan patience, Terminal terminal)
    {
        active.Close();
        using var waiting = new CancellationTokenSource(patience);
        try
        {
            await client.DrainAsync(waiting.Token);
        }
        catch (OperationCanceledException)
        {
            var left = (await client.GetPacingAsync(CancellationToken.None)).InFlight;
            if (left > 0)
                terminal.Say($"{Humanize.Count(left, "activation goes", "activations go")} on; the next service waits for {(left == 1 ? "it" : "them")}");
        }
    }

    private static TimeSpan? ReadIdle(string? text) => text is null ? null
        : Durations.TryParse(text, out var duration) && duration >= LookInterval ? duration
        : throw CommandException.Usage($"{EndWhenIdle.Name}: '{text}' is not a duration from 500ms up. Write it like 30s or 5m.");

    private static async Task StayAsync(IOrchestrationClient client, Ownership ownership, TimeSpan? patience, CancellationToken interruption)
    {
        try
        {
            using var timer = new PeriodicTimer(LookInterval);
            var memory = new IdleMemory(TimeProvider.System);
            while (await timer.WaitForNextTickAsync(interruption))
            {
                memory.Look();
                if (ownership.Server!.Activity.Idle > patience && !await AnyRunsAsync(client, ownership, interruption))
                    return;
            }
        }
        catch (OperationCanceledException) when (interruption.IsCancellationRequested)
        {
            // That is how it ends.
        }
    }

    // A run whose client is gone is one that nothing runs of.
    private static async Task<bool> AnyRunsAsync(IOrchestrationClient client, Ownership ownership, CancellationToken cancellation)
    {
        foreach (var id in ownership.Active.All)
        {
            var progress = await client.GetProgressAsync(id, cancellation);
            if (progress.Status == OrchestrationStatus.Running && (progress.Started.Pipeline is not null || progress.Batches.Any(b => b.Succeeded + b.Failed < b.Count)))
                return true;
        }
        return false;
    }
}
