using System.Diagnostics;
using Orchestration.Actors.Client;
using Orchestration.Core.Identity;

namespace Orchestration.Benchmarks.Recovery;

/// <summary>A process that is killed in the middle of a recovery, and the one that goes on with it.</summary>
internal static class ResumeChild
{
    /// <summary>How many lost ancestors the recovery makes again.</summary>
    public const int Length = 1000;

    private static string RunFile(string folder) => Path.Combine(folder, "run");

    /// <summary>The child process: begins when the folder is empty, else goes on; ends when the reader has what it needs.</summary>
    public static async Task<int> RunAsync(string folder, Uri server)
    {
        using var objects = new LossyObjects(Path.Combine(folder, "store"));
        await using var side = await OrchestratorSide.StartAsync(server, 1, Path.Combine(folder, "data"), objects.Store);
        OrchestrationHandle run;
        if (File.Exists(RunFile(folder)))
        {
            run = await side.Client.ResumeAsync(OrchestrationId.Parse(await File.ReadAllTextAsync(RunFile(folder))));
        }
        else
        {
            run = await side.Client.StartAsync(new StartRequest("recovery"));
            objects.Lose(await objects.RunChainAsync(run, Length));
            await File.WriteAllTextAsync(RunFile(folder), run.Id.Value);
            Console.WriteLine("lost");
        }

        var read = await run.MakeActionsAsync([objects.Make([LossyObjects.Name($"link{Length - 1}")])], key: "read");
        return read[0].Success ? 0 : 1;
    }

    /// <summary>Kills the first process half way and times how long the second one takes from its start to its first invocation.</summary>
    /// <returns>That time, and how many invocations the whole recovery took.</returns>
    public static async Task<(TimeSpan Resumed, int Count)> MeasureAsync(StandInServer server)
    {
        var folder = Directory.CreateTempSubdirectory("orchestration-resume-").FullName;
        try
        {
            await server.TakeAsync();
            using (var first = Start(folder, server))
            {
                if (await first.StandardOutput.ReadLineAsync() != "lost")
                    throw new InvalidOperationException("The first process lost nothing.");
                await UntilAsync(server, count => count >= Length + Length / 2);
                first.Kill();
                await first.WaitForExitAsync();
            }

            var before = await server.PeekAsync();
            var watch = Stopwatch.StartNew();
            using var second = Start(folder, server);
            await UntilAsync(server, count => count > before);
            var resumed = watch.Elapsed;
            await second.WaitForExitAsync();
            if (second.ExitCode != 0)
                throw new InvalidOperationException("The second process did not go on.");
            return (resumed, await server.TakeCountAsync() - Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Process Start(string folder, StandInServer server) =>
        Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["recovery-child", folder, server.Address.ToString()]) { RedirectStandardOutput = true })!;

    private static async Task UntilAsync(StandInServer server, Func<int, bool> condition)
    {
        while (!condition(await server.PeekAsync()))
            await Task.Delay(TimeSpan.FromMilliseconds(2));
    }
}
