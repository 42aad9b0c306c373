using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestration.Actors.Client;
using Orchestration.Actors.Hosting;
using Orchestration.Host.Logs;
using Orchestration.Host.Terminals;
using Orchestration.OpenWhisk;
using Orchestration.Workflows;

namespace Orchestration.Host.Running;

/// <summary>The orchestrator in this process: the actor system on the storage that was chosen. Disposing stops it and leaves unfinished runs as they are stored.</summary>
internal sealed class OrchestratorHost : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);

    // A second Ctrl-C must end the process at once; the first one stops the host in order.
    private const string Hocon = """
        akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
        akka.coordinated-shutdown.exit-clr = off
        akka.stdout-loglevel = OFF
        """;

    private readonly IHost _host;
    private bool _stopped;

    private OrchestratorHost(IHost host) => (_host, Client) = (host, host.Services.GetRequiredService<IOrchestrationClient>());

    public IOrchestrationClient Client { get; }

    public static async Task<OrchestratorHost> StartAsync(RunEnvironment environment, int? poolSize, Terminal terminal, CancellationToken cancellation, bool resumes = false, int? maxActive = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        LogOutput.AddTo(builder.Logging, terminal);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = StopPatience);
        builder.Services.AddSingleton<IHostLifetime, CommandLifetime>();
        builder.Services.AddOrchestrationClient();
        builder.Services.AddAkka("orchestration", (akka, _) => environment.Storage.Configure(akka.AddHocon(environment.Hocon, HoconAddMode.Prepend))
            .AddHocon($"{Hocon}\n{environment.Lineage.Hocon}", HoconAddMode.Prepend)
            .ConfigureLoggers(loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
                loggers.LogLevel = terminal.Verbose || terminal.LogsJson ? Akka.Event.LogLevel.InfoLevel : Akka.Event.LogLevel.WarningLevel;
            })
            .WithOrchestration(options =>
            {
                options.UseInvoker(_ => environment.Whisk is { } whisk ? new OpenWhiskInvoker(whisk) : new NoInvoker(), environment.Platform);
                options.UseCatalog(_ => environment.Storage.OpenCatalog());
                if (environment.Storage.OpenLeases() is { } leases)
                    options.UseLeases(_ => leases);
                options.UseSecrets(_ => environment.Secrets);
                if (environment.Store is { } store)
                    options.UseObjectStore(_ => store);
                options.AddPipelines(new WorkflowPipelineFactory());
                options.PoolSize = poolSize;
                options.MaxInFlight = environment.MaxInFlight;
                options.MaxActive = maxActive;
                options.ResumeOnStart = resumes;
            }));
        var host = builder.Build();
        try
        {
            await host.StartAsync(cancellation);
            return new OrchestratorHost(host);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_stopped)
            return;
        _stopped = true;
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }

    // Signals are the command's: they end a run in order, not the host beneath it.
    private sealed class CommandLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
