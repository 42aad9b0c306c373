using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using Orchestration.LocalWhisk;
using Orchestration.OpenWhisk;

namespace Orchestration.Benchmarks.EndToEnd;

/// <summary>The program from its start on, and the local OpenWhisk.</summary>
internal static class ProgramCases
{
    private const string Auth = "23bc46b1-71f6-4ed5-8c54-816aa4f8c502:benchmark";

    private static string Program => Path.Combine(Directory.GetParent(AppContext.BaseDirectory.TrimEnd('/'))!.Parent!.FullName, "Orchestration.Host", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "Orchestration.Host.dll");

    public static async Task<List<Measured>> StartAsync(Uri server, StandInServer? counter)
    {
        var folder = Directory.CreateTempSubdirectory("orchestration-start-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "w.yaml"), "name: start\nsteps: [{ id: one, action: noop, with: { n: 1 } }]\n");
            var help = await ThroughputCases.TimeAsync(() => RunAsync(folder, "--help"));
            await ThroughputCases.CheckAsync(counter, null);
            var watch = Stopwatch.StartNew();
            var running = RunAsync(folder, "run", "w.yaml", "--openwhisk", server.AbsoluteUri.TrimEnd('/'), "--auth", Auth);
            while (await counter!.PeekAsync() == 0 && !running.IsCompleted)
                await Task.Delay(2);
            var first = watch.Elapsed.TotalSeconds;
            await running;
            await ThroughputCases.CheckAsync(counter, 1);
            return [new("until the first action is invoked", first, "s", 1.5), new("--help", help, "s", 0.3)];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static async Task<List<Measured>> LocalWhiskAsync(Uri server, StandInServer? counter)
    {
        var folder = Directory.CreateTempSubdirectory("orchestration-whisk-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "noop.py"), "def main(args):\n    return {}\n");
            await using var whisk = await LocalWhiskServer.StartAsync(new LocalWhiskOptions { DataDirectory = Path.Combine(folder, "whisk"), Auth = Auth, MaxProcesses = 8 });
            using var deployer = new ActionDeployer(new OpenWhiskOptions { ApiHost = whisk.BaseAddress, Auth = Auth });
            foreach (var name in new[] { "noop", "cold" })
                await deployer.DeployAsync(new ActionDeployment(name, Path.Combine(folder, "noop.py")));
            using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 8 }) { BaseAddress = whisk.BaseAddress };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Auth)));
            // What the name stands for may be a script that chooses among versions, which takes time of its own.
            var interpreter = (await RunProgramAsync(folder, "python3", "-c", "import sys; print(sys.executable)")).Trim();
            var python = await ThroughputCases.TimeAsync(() => RunProgramAsync(folder, interpreter, "-c", "import json"));
            var cold = await ThroughputCases.TimeAsync(() => InvokeAsync(client, "cold"));
            var count = Sizes.Of(5000);
            await LoopAsync(client, count / 5, 4);
            var times = new List<double>();
            for (var i = 0; i < Sizes.Of(1000); i++)
                times.Add(1000 * await ThroughputCases.TimeAsync(() => InvokeAsync(client, "noop")));
            var seconds = await ThroughputCases.TimeAsync(() => LoopAsync(client, count, 4));
            return
            [
                new("warm Python no-op, 4 at a time", count / seconds, "/s", 1500, IsLeast: true),
                new("one after another, p50", Sizes.Quantile(times, 0.5), "ms", 1.5),
                new("cold start beyond Python's own", 1000 * Math.Max(0, cold - python), "ms", 60),
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task LoopAsync(HttpClient client, int count, int width)
    {
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, width).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) <= count)
                await InvokeAsync(client, "noop");
        }));
    }

    private static async Task InvokeAsync(HttpClient client, string action)
    {
        using var content = new StringContent("{}", Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri($"/api/v1/namespaces/_/actions/{action}?blocking=true", UriKind.Relative), content);
        response.EnsureSuccessStatusCode();
        await response.Content.ReadAsByteArrayAsync();
    }

    private static Task<string> RunAsync(string folder, params string[] arguments) => RunProgramAsync(folder, "dotnet", [Program, .. arguments]);

    private static async Task<string> RunProgramAsync(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HOME"] = folder;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await output}{await errors}");
    }
}
