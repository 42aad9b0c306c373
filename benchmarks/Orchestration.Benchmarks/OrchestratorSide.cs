using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MongoDB.Driver;
using Orchestration.Actors.Client;
using Orchestration.Actors.Hosting;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Ports;
using Orchestration.Core.State;
using Orchestration.OpenWhisk;
using Orchestration.Persistence.MongoDb;
using Orchestration.Persistence.Sqlite;

namespace Orchestration.Benchmarks;

/// <summary>The orchestrator as the host runs it: SQLite journal, every row synced, catalog kept up to date.</summary>
internal sealed class OrchestratorSide : IAsyncDisposable
{
    private readonly DataDirectory _data;
    private readonly IHost _host;
    private readonly bool _ownsDirectory;

    private OrchestratorSide(Func<IActionInvoker> invoker, Platform platform, int connections, string? directory, IObjectStore? store, string hocon = "", string? mongoDb = null)
    {
        _ownsDirectory = directory is null;
        DataDirectory = directory ?? Directory.CreateTempSubdirectory("orchestration-benchmark-").FullName;
        _data = Persistence.Sqlite.DataDirectory.Open(DataDirectory);
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        // Empty as the program's own: a watch over settings files would see every write below the working folder.
        builder.Services.AddAkka("benchmark", akka => akka
            .AddHocon($"akka.stdout-loglevel = OFF\n{hocon}", HoconAddMode.Prepend)
            .ConfigureLoggers(loggers => loggers.ClearLoggers())
            .WithStorage(DataDirectory, mongoDb)
            .WithOrchestration(o =>
            {
                o.MaxInFlight = connections;
                o.AddPipelines(new SequencePipelines());
                o.UseCatalog(_ => mongoDb is null ? SqliteCatalog.Open(DataDirectory) : new MongoDbCatalog(MongoConnection.Of(mongoDb), MongoUrl.Create(mongoDb).DatabaseName));
                o.UseInvoker(_ => invoker(), platform);
                if (store is not null)
                    o.UseObjectStore(_ => store);
            }));
        builder.Services.AddOrchestrationClient();
        _host = builder.Build();
        Client = _host.Services.GetRequiredService<IOrchestrationClient>();
    }

    /// <summary>Where it stores what it does.</summary>
    public string DataDirectory { get; }

    public IOrchestrationClient Client { get; }

    /// <summary>Starts it.</summary>
    /// <param name="server">The stand-in OpenWhisk.</param>
    /// <param name="connections">At most so many activations at once.</param>
    /// <param name="directory">Where it stores; null for a folder of its own that goes with it.</param>
    /// <param name="store">Where actions keep their objects; null for none.</param>
    /// <param name="hocon">Further settings.</param>
    /// <param name="maxInFlight">At most so many activations in flight; null for as many as connections.</param>
    /// <param name="mongoDb">A connection string with a database; null for SQLite.</param>
    public static async Task<OrchestratorSide> StartAsync(Uri server, int connections, string? directory = null, IObjectStore? store = null, string hocon = "", int? maxInFlight = null, string? mongoDb = null)
    {
        OpenWhiskInvoker Invoker() => new(new OpenWhiskOptions { ApiHost = server, Auth = "23bc46b1-71f6-4ed5-8c54-816aa4f8c502:benchmark", MaxConnections = connections });
        return await StartAsync(new OrchestratorSide(Invoker, new Platform(server.ToString(), "_", store?.Location ?? ""), maxInFlight ?? connections, directory, store, hocon, mongoDb));
    }

    /// <summary>Starts it on an OpenWhisk of this process.</summary>
    /// <param name="invoker">Stands for OpenWhisk.</param>
    public static Task<OrchestratorSide> StartAsync(IActionInvoker invoker) =>
        StartAsync(new OrchestratorSide(() => invoker, new Platform("in-process", "_", ""), 100, null, null));

    private static async Task<OrchestratorSide> StartAsync(OrchestratorSide side)
    {
        await side._host.StartAsync();
        return side;
    }

    /// <summary>Runs orchestrations of so many actions one after another, all of them at once.</summary>
    public async Task SequencesAsync(int orchestrations, int length)
    {
        var ends = await Task.WhenAll(Enumerable.Range(0, orchestrations).Select(async _ =>
        {
            var run = await Client.StartAsync(new StartRequest("sequence") { Pipeline = SequencePipelines.Of(length) });
            return await run.WaitForEndAsync();
        }));
        if (Array.Exists(ends, e => e.Status != OrchestrationStatus.Completed))
            throw new InvalidOperationException($"A sequence did not complete: {ends.First(e => e.Status != OrchestrationStatus.Completed).Failure}");
    }

    /// <summary>Starts one orchestration of so many actions one after another.</summary>
    public Task<OrchestrationHandle> StartSequenceAsync(int length) => Client.StartAsync(new StartRequest("sequence") { Pipeline = SequencePipelines.Of(length) });

    /// <summary>Runs one orchestration with one batch.</summary>
    public async Task FanOutAsync(int actions, int parallelism)
    {
        var run = await Client.StartAsync(new StartRequest("fan-out"));
        var results = await run.MakeActionsAsync(Enumerable.Range(0, actions).Select(i => new ActionSpec("noop", JsonBytes.Parse($$"""{"n":{{i}}}"""))), parallelism);
        if (results.Any(r => !r.Success))
            throw new InvalidOperationException("An action of the fan-out failed.");
        await run.CompleteAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _data.Dispose();
        if (_ownsDirectory)
            Directory.Delete(DataDirectory, recursive: true);
    }

    /// <summary>A pipeline of N steps, each after the one before.</summary>
    private sealed class SequencePipelines : IPipelineFactory
    {
        public string Kind => "sequence";

        public static PipelineDefinition Of(int length) => new("sequence", "", JsonBytes.Parse($"{length}"), []);

        public IPipeline Create(PipelineDefinition definition) => new Sequence(int.Parse(definition.Parameters.ToString(), System.Globalization.CultureInfo.InvariantCulture));

        private sealed class Sequence(int length) : IPipeline
        {
            private static readonly JsonBytes Parameters = JsonBytes.Parse("""{"n":1}""");

            public PipelineDecision Next(PipelineView view)
            {
                var done = view.Batches.Count;
                if (done > 0 && !view.Batches[$"step{done - 1}"].Ended)
                    return PipelineDecision.Wait;
                return done == length
                    ? new PipelineDecision.Complete(JsonBytes.Null)
                    : new PipelineDecision.Run([new BatchSpec($"step{done}", [new ActionSpec("noop", Parameters)], BatchOptions.Default)]);
            }
        }
    }
}

internal static class StorageExtensions
{
    /// <summary>The storage of a side.</summary>
    public static AkkaConfigurationBuilder WithStorage(this AkkaConfigurationBuilder akka, string directory, string? mongoDb) =>
        mongoDb is null ? akka.WithSqlitePersistence(directory) : akka.WithMongoDbPersistence(mongoDb);
}
