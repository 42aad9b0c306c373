using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestration.Actors.Client;
using Orchestration.Actors.Hosting;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.LocalWhisk;
using Orchestration.ObjectStore;
using Orchestration.OpenWhisk;
using Orchestration.Persistence.Sqlite;

namespace Programs;

/// <summary>
/// An application with the orchestrator in it, on a local OpenWhisk and a folder of objects: what a program needs around it. The data directory has the form of the
/// command line's, so that <c>./orchestration runs list</c> shows the runs.
/// </summary>
internal sealed class SampleHost : IAsyncDisposable
{
    private readonly DataDirectory _directory;
    private readonly LocalWhiskServer _whisk;
    private readonly IObjectStore _store;
    private readonly IHost _host;

    private SampleHost(DataDirectory directory, LocalWhiskServer whisk, IObjectStore store, IHost host) =>
        (_directory, _whisk, _store, _host, Client) = (directory, whisk, store, host, host.Services.GetRequiredService<IOrchestrationClient>());

    public IOrchestrationClient Client { get; }

    /// <summary>Starts it; programs that an earlier process left unfinished begin again by themselves.</summary>
    public static async Task<SampleHost> StartAsync(string folder, Action<OrchestrationOptions> programs)
    {
        var directory = DataDirectory.Open(folder);
        var store = ObjectStoreFactory.Create($"file:{Path.Combine(folder, "store")}");
        var whisk = await LocalWhiskServer.StartAsync(new LocalWhiskOptions
        {
            DataDirectory = Path.Combine(folder, "whisk"),
            Auth = LocalWhiskOptions.NewAuth(),
            PythonPath = [Path.Combine(SourceTree, "sdk", "python")],
            ActionEnvironment = new Dictionary<string, string> { ["STORAGE_ENDPOINT"] = store.Location },
        });
        var openWhisk = new OpenWhiskOptions { ApiHost = whisk.BaseAddress, Auth = whisk.Auth };
        await DeployAsync(openWhisk);

        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddAkka("programs", akka => akka
            .ConfigureLoggers(loggers => loggers.LogLevel = Akka.Event.LogLevel.WarningLevel)
            .WithSqlitePersistence(folder)
            .WithOrchestration(o =>
            {
                // Stored with each run: one that is started again must be on the same platform.
                o.UseInvoker(_ => new OpenWhiskInvoker(openWhisk), new Platform("local", whisk.Namespace, store.Location));
                o.UseCatalog(_ => SqliteCatalog.Open(folder));
                o.UseObjectStore(_ => store);
                programs(o);
            }));
        builder.Services.AddOrchestrationClient();
        var host = builder.Build();
        await host.StartAsync();
        return new SampleHost(directory, whisk, store, host);
    }

    /// <summary>Brings in what a sample works on.</summary>
    /// <returns>The program's input.</returns>
    public async Task<JsonBytes> PrepareAsync(string sample, string? argument)
    {
        switch (sample)
        {
            case "transcoder":
                var film = argument ?? throw new ArgumentException("transcoder needs a film: transcoder FILM");
                await PutAsync($"input-video/{Path.GetFileName(film)}", film);
                return Json.Of(new { film = Path.GetFileName(film) });
            case "chatbot":
                await PutAsync("chatbot-data/intents.json", Path.Combine(SourceTree, "samples", "chatbot", "intents.json"));
                return Json.Of(new { intents = "intents.json", text = argument ?? "Hello, when do you open on Sunday?" });
            default:
                return Json.Of(new { input = argument ?? "World" });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await _whisk.DisposeAsync();
        (_store as IDisposable)?.Dispose();
        _directory.Dispose();
    }

    private static string SourceTree { get; } = FindSourceTree();

    private static string FindSourceTree()
    {
        for (var place = new DirectoryInfo(AppContext.BaseDirectory); place is not null; place = place.Parent)
            if (File.Exists(Path.Combine(place.FullName, "Orchestration.sln")))
                return place.FullName;
        throw new InvalidOperationException($"There is no Orchestration.sln above {AppContext.BaseDirectory}: the sample runs from the source tree.");
    }

    private static async Task DeployAsync(OpenWhiskOptions openWhisk)
    {
        using var deployer = new ActionDeployer(openWhisk);
        foreach (var (sample, name, file) in new[]
        {
            ("hello", "hello", "hello"), ("hello", "question", "question"), ("hello", "answer", "answer"),
            ("transcoder", "splitter", "splitter"), ("transcoder", "transcoder", "transcoder"), ("transcoder", "combiner", "combiner"),
            ("chatbot", "split-action", "split"), ("chatbot", "train-classifier", "train"), ("chatbot", "reply", "reply"),
        })
            await deployer.DeployAsync(new ActionDeployment(name, Path.Combine(SourceTree, "samples", sample, "actions", file + ".py")) { Timeout = TimeSpan.FromMinutes(5) });
    }

    private async Task PutAsync(string key, string file)
    {
        var name = ObjectKey.Parse(key);
        await _store.MakeBucketAsync(name.Bucket, default);
        await using var content = File.OpenRead(file);
        await _store.PutAsync(name, content, default);
    }
}
