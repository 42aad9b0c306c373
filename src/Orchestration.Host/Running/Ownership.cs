using Microsoft.Extensions.Logging;
using Orchestration.Actors.Client;
using Orchestration.Core.Identity;
using Orchestration.Host.Api;
using Orchestration.Host.Api.Access;
using Orchestration.Host.Api.Runs;
using Orchestration.Host.Keys;
using Orchestration.Host.Logs;
using Orchestration.Host.Remote;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Running;

/// <summary>What comes with working on a data directory: other processes have their runs done here, through the API, and the process stays until they are.</summary>
internal sealed class Ownership : IAsyncDisposable
{
    private readonly ApiServer? _server;
    private readonly IDisposable? _published;
    private readonly ILoggerFactory _log;
    private readonly Terminal _terminal;

    private Ownership(ActiveRuns active, ApiServer? server, IDisposable? published, ILoggerFactory log, Terminal terminal) =>
        (Active, _server, _published, _log, _terminal) = (active, server, published, log, terminal);

    /// <summary>How others reach this process; null when it does not serve.</summary>
    public ApiServer? Server => _server;

    /// <summary>The runs that go on in this process.</summary>
    public ActiveRuns Active { get; }

    /// <summary>Serves the API as what the process is for.</summary>
    /// <param name="client">The orchestrator.</param>
    /// <param name="environment">What it works on.</param>
    /// <param name="goingOn">The runs that an earlier process has left and this one goes on with; whoever asks first finds them so.</param>
    /// <param name="options">How it is reached.</param>
    /// <param name="terminal">Where it says things.</param>
    /// <param name="cancellation">Gives up.</param>
    public static Task<Ownership> ServeAsync(IOrchestrationClient client, RunEnvironment environment, IEnumerable<OrchestrationId> goingOn, ApiServerOptions options, Terminal terminal, CancellationToken cancellation)
    {
        var active = new ActiveRuns(client, TimeProvider.System);
        foreach (var id in goingOn)
            active.Add(id);
        return ServeAsync(client, environment, active, options, LogOutput.Factory(terminal), terminal, cancellation);
    }

    /// <summary>Serves the API when the storage is in a data directory, which others cannot open.</summary>
    public static async Task<Ownership> TakeAsync(IOrchestrationClient client, RunEnvironment environment, Terminal terminal, CancellationToken cancellation)
    {
        var log = LogOutput.Factory(terminal);
        var active = new ActiveRuns(client, TimeProvider.System);
        return environment.Storage.HasOneWorker
            ? await ServeAsync(client, environment, active, new ApiServerOptions(new ApiKeyFile(ApiKeyFile.DefaultPath(environment.DataDirectory)), AuditLog.DefaultPath(environment.DataDirectory)), log, terminal, cancellation)
            : new Ownership(active, null, null, log, terminal);
    }

    private static async Task<Ownership> ServeAsync(IOrchestrationClient client, RunEnvironment environment, ActiveRuns active, ApiServerOptions options, ILoggerFactory log, Terminal terminal, CancellationToken cancellation)
    {
        var server = await ApiServer.StartAsync(ApiServices.Of(client, environment, active, terminal), options, log, cancellation);
        var published = ServiceFile.Publish(ServiceFile.OfOwner(environment.DataDirectory), server.BaseAddress.AbsoluteUri.TrimEnd('/'), server.Token, environment.Store?.Location);
        return new Ownership(active, server, published, log, terminal);
    }

    /// <summary>Waits until the runs of others have ended, and takes no more. An interruption ends them here, and they can be resumed.</summary>
    public async Task FinishOthersAsync(CancellationToken interruption)
    {
        try
        {
            await Active.CloseAsync(
                left => _terminal.Say($"waiting for {Humanize.Count(left.Count, "run")} of other terminals: {string.Join(", ", left)} (Ctrl-C interrupts {(left.Count == 1 ? "it" : "them")})"),
                interruption);
        }
        catch (OperationCanceledException) when (interruption.IsCancellationRequested)
        {
            _terminal.Say("interrupted: the runs of other terminals can be resumed");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _published?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        _log.Dispose();
    }
}
