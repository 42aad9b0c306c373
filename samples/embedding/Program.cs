using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestration.Actors.Client;
using Orchestration.Actors.Hosting;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
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

// Any application's actor system, with the orchestrator added.
var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddAkka("any-system", akka => akka
    .ConfigureLoggers(loggers => loggers.LogLevel = Akka.Event.LogLevel.WarningLevel)
    .WithSqlitePersistence(Path.Combine(folder, "data"))
    .WithOrchestration(o => o.UseInvoker(_ => new OpenWhiskInvoker(openWhisk), new Platform(openWhisk.ApiHost.ToString(), "_", ""))));
builder.Services.AddOrchestrationClient();
using var host = builder.Build();
await host.StartAsync();

// A pipeline as a program: start, make actions, look at the results, complete.
var client = host.Services.GetRequiredService<IOrchestrationClient>();
var run = await client.StartAsync("count-words");
var results = await run.MakeActionsAsync(
    lines.Select(line => OrchestrationHandle.PrepareAction("count", JsonBytes.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("text", line);
        json.WriteEndObject();
    }))),
    parallelism: 2,
    retries: 3);
foreach (var (line, result) in lines.Zip(results))
    Console.WriteLine($"{line}: {(result.Success ? result.Result : result.Failure!.Message)}");
await run.CompleteAsync();
Console.WriteLine($"{run.Id}: {(await run.WaitForEndAsync()).Status}");

await host.StopAsync();
Directory.Delete(folder, recursive: true);
