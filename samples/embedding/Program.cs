using Akka.Actor;
using Akka.Hosting;
using Embedding;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestration.Actors.Client;
using Orchestration.Actors.Hosting;
using Orchestration.Core.Facts;
using Orchestration.LocalWhisk;
using Orchestration.OpenWhisk;
using Orchestration.Persistence.Sqlite;

string[] lines = ["to be or not to be", "that is the question", "whether tis nobler in the mind to suffer"];

// An OpenWhisk to run on; with one of your own, its URL and key are all that is needed.
var folder = Directory.CreateTempSubdirectory("embedding-").FullName;
await using var local = await LocalWhiskServer.StartAsync(new LocalWhiskOptions { DataDirectory = Path.Combine(folder, "whisk"), Auth = LocalWhiskOptions.NewAuth() });
var openWhisk = new OpenWhiskOptions { ApiHost = local.BaseAddress, Auth = local.Auth };
using (var deployer = new ActionDeployer(openWhisk))
    await deployer.DeployAsync(new ActionDeployment("count", Path.Combine(AppContext.BaseDirectory, "actions", "count.py")));

// Any application's actor system, with its own actors and the orchestrator beside them.
var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddAkka("any-system", akka => akka
    .ConfigureLoggers(loggers => loggers.LogLevel = Akka.Event.LogLevel.WarningLevel)
    .WithSqlitePersistence(Path.Combine(folder, "data"))
    .WithOrchestration(o => o.UseInvoker(_ => new OpenWhiskInvoker(openWhisk), new Platform(openWhisk.ApiHost.ToString(), "_", "")))
    .WithActors((system, registry) =>
    {
        var client = OrchestrationHostingExtensions.CreateClient(system);
        registry.Register<BoardActor>(system.ActorOf(BoardActor.Props(client), "board"));
        registry.Register<ReaderActor>(system.ActorOf(ReaderActor.Props(client, registry.Get<BoardActor>()), "reader"));
    }));
builder.Services.AddOrchestrationClient();
using var host = builder.Build();
await host.StartAsync();

// Whoever has a text sends it to the reader; the answer comes when all its lines are counted.
var reader = await host.Services.GetRequiredService<IRequiredActor<ReaderActor>>().GetAsync();
var counted = await reader.Ask<ReaderActor.Counted>(new ReaderActor.Count(lines), TimeSpan.FromMinutes(1));
var board = await host.Services.GetRequiredService<IRequiredActor<BoardActor>>().GetAsync();
await board.Ask<BoardActor.Complete>(new BoardActor.IsComplete(counted.Orchestration), TimeSpan.FromMinutes(1));
foreach (var (line, words) in lines.Zip(counted.Words))
    Console.WriteLine($"{words} words: {line}");

// A service of the application uses the client itself.
var client = host.Services.GetRequiredService<IOrchestrationClient>();
Console.WriteLine($"{counted.Orchestration}: {(await client.WaitForEndAsync(counted.Orchestration)).Status}");

await host.StopAsync();
Directory.Delete(folder, recursive: true);
