using Akka.Hosting;
using HttpFunctions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestration.Actors.Client;
using Orchestration.Actors.Hosting;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Persistence.Sqlite;
using Orchestration.Workflows;

// The functions: one that makes parts, one that is busy at first, one that adds up. Anything that answers a POST would do.
var calls = 0;
var functionsBuilder = WebApplication.CreateSlimBuilder();
functionsBuilder.Logging.ClearProviders();
functionsBuilder.WebHost.UseUrls("http://127.0.0.1:0");
await using var functions = functionsBuilder.Build();
functions.MapPost("/range", (Size size) => new { numbers = Enumerable.Range(1, size.Count) });
functions.MapPost("/square", (Number number) => Interlocked.Increment(ref calls) == 1 ? Results.StatusCode(429) : Results.Ok(new { n = number.N * number.N }));
functions.MapPost("/sum", (Numbers numbers) => new { sum = numbers.Squares.Sum() });
await functions.StartAsync();

var workflow = WorkflowFile.Parse("""
    name: squares
    steps:
      - { id: range, action: range, with: { count: 4 } }
      - { id: square, action: square, foreach: "${{ steps.range.result.numbers }}", parallelism: 2, with: { n: "${{ item }}" }, retry: { retries: 2 } }
      - { id: sum, action: sum, with: { squares: "${{ steps.square.result[*].n }}" } }
    output: "${{ steps.sum.result.sum }}"
    """, "squares.yaml");

// The orchestrator, with these functions for a platform.
var folder = Directory.CreateTempSubdirectory("http-functions-").FullName;
var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddAkka("any-system", akka => akka
    .ConfigureLoggers(loggers => loggers.LogLevel = Akka.Event.LogLevel.WarningLevel)
    .WithSqlitePersistence(Path.Combine(folder, "data"))
    .WithOrchestration(options => options
        .UseInvoker(_ => new HttpFunctionInvoker(new Uri(functions.Urls.Single() + "/"), TimeSpan.FromMinutes(1)), new Platform(functions.Urls.Single(), "_", ""))
        .AddPipelines(new WorkflowPipelineFactory())));
builder.Services.AddOrchestrationClient();
using var host = builder.Build();
await host.StartAsync();

var client = host.Services.GetRequiredService<IOrchestrationClient>();
var run = await client.StartAsync(new StartRequest(workflow.Name) { Pipeline = workflow.ToPipeline(new Dictionary<string, JsonBytes>()) });
var end = await run.WaitForEndAsync();
Console.WriteLine($"{end.Status}: 1 + 4 + 9 + 16 = {end.Output}, with {calls} calls of square");

await host.StopAsync();
Directory.Delete(folder, recursive: true);

internal sealed record Size(int Count);

internal sealed record Number(int N);

internal sealed record Numbers(int[] Squares);
