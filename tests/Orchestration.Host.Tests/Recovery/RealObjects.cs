using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestration.Actors.Client;
using Orchestration.Actors.Hosting;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Host.Tests.Support;
using Orchestration.LocalWhisk;
using Orchestration.ObjectStore;
using Orchestration.OpenWhisk;
using Orchestration.Persistence.Sqlite;

namespace Orchestration.Host.Tests.Recovery;

/// <summary>An orchestrator with its storage, a local OpenWhisk that runs Python actions, and objects in files that can be deleted.</summary>
public abstract class RealObjects : Workplace, IAsyncLifetime
{
    private LocalWhiskServer _whisk = null!;
    private DataDirectory _data = null!;
    private IHost _host = null!;

    private protected IOrchestrationClient Client { get; private set; } = null!;

    private protected static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token;

    private protected IReadOnlyList<string> Calls => File.Exists(PathOf("calls")) ? File.ReadAllLines(PathOf("calls")) : [];

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        var store = new FolderObjectStore(PathOf("objects"));
        _whisk = await WhiskOfTest.StartAsync(Folder, PathOf("objects"));
        await _whisk.DeployAsync("link", Write("link.py", LinkAction.Source(Folder)));
        _data = DataDirectory.Open(PathOf("data"));
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        builder.Services.AddAkka("real", akka => akka
            .AddHocon("akka.stdout-loglevel = OFF\norchestration.lineage.max-chases = 10", HoconAddMode.Prepend)
            .ConfigureLoggers(loggers => loggers.ClearLoggers())
            .WithSqlitePersistence(PathOf("data"))
            .WithOrchestration(o => o
                .UseCatalog(_ => SqliteCatalog.Open(PathOf("data")))
                .UseObjectStore(_ => store)
                .UseInvoker(_ => new OpenWhiskInvoker(new OpenWhiskOptions { ApiHost = _whisk.BaseAddress, Auth = _whisk.Auth }), new Platform(_whisk.Url(), "guest", store.Location))));
        builder.Services.AddOrchestrationClient();
        _host = builder.Build();
        await _host.StartAsync();
        Client = _host.Services.GetRequiredService<IOrchestrationClient>();
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _data.Dispose();
        await _whisk.DisposeAsync();
        await DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected Task<OrchestrationHandle> StartAsync() => Client.StartAsync(new StartRequest("real"), Soon);

    private protected static ActionSpec Link(string name, IEnumerable<string> reads, params IEnumerable<string> writes) => new("link", JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("name", name);
        foreach (var (member, keys) in new[] { ("in", reads), ("out", writes) })
        {
            writer.WriteStartArray(member);
            foreach (var key in keys)
                writer.WriteStringValue(key);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }));

    /// <summary>Runs actions of one batch, all of which must succeed.</summary>
    private protected static async Task MakeAsync(OrchestrationHandle run, params IEnumerable<ActionSpec> actions) =>
        Assert.All(await run.MakeActionsAsync(actions, cancellation: Soon), r => Assert.True(r.Success, r.Failure?.Message));

    /// <summary>Deletes the files of objects.</summary>
    private protected void Lose(params IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            Assert.True(File.Exists(PathOf($"objects/b/{name}")), $"{name} is not there to be lost");
            File.Delete(PathOf($"objects/b/{name}"));
        }
    }

    private protected string Content(string name) => File.ReadAllText(PathOf($"objects/b/{name}"));

    private protected void ForgetCalls() => File.Delete(PathOf("calls"));
}
