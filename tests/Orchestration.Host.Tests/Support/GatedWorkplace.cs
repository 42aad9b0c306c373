namespace Orchestration.Host.Tests.Support;

/// <summary>A workplace with a workflow that stands still until a file is there, so that a test can do something meanwhile.</summary>
public abstract class GatedWorkplace : Workplace
{
    private protected List<string> Calls() => [.. File.ReadAllLines(PathOf("calls"))];

    /// <summary>Opens a gate.</summary>
    protected void Open(string gate = "gate") => Write(gate, "");

    /// <summary>Waits until an action was called so often.</summary>
    private protected async Task WaitForCallAsync(string name, int times = 1)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!File.Exists(PathOf("calls")) || Calls().Count(call => call == name) < times)
            await timer.WaitForNextTickAsync(patience.Token);
    }

    /// <summary>Starts a run of the workflow and waits until it stands still.</summary>
    /// <param name="gate">The file that it waits for.</param>
    /// <param name="times">How many such runs stand still then.</param>
    /// <returns>The process and the run's id.</returns>
    internal async Task<(HostProcess Process, string Id)> StartGatedAsync(string gate = "gate", int times = 1)
    {
        var process = HostProcess.Start(Folder, "run", WriteWorkflow(), "-p", $"gate={gate}");
        var id = IdIn(await process.WaitForLineAsync("run 6"));
        await WaitForCallAsync("second", times);
        return (process, id);
    }

    internal static string IdIn(string line) => line[(line.LastIndexOf("run ", StringComparison.Ordinal) + 4)..];

    // The second step's action ends when the file that its gate names is there; each call leaves a line in "calls".
    private protected string WriteWorkflow()
    {
        Write("first.py", $$"""
            def main(args):
                with open("{{PathOf("calls")}}", "a") as calls:
                    calls.write("first\n")
                return {}
            """);
        Write("second.py", $$"""
            import os
            import time
            from object_store import store
            from object_store.settings import from_environment

            @store.action
            def main(args):
                with open("{{PathOf("calls")}}", "a") as calls:
                    calls.write("second\n")
                while not os.path.exists(os.path.join("{{Folder}}", args["gate"])):
                    time.sleep(0.05)
                objects = store.ObjectStore(from_environment()[0], ["out"])
                with open("out/done.txt", "w") as done:
                    done.write("done")
                objects.put_sync(args["context"], "out", "done.txt")
                return {"word": "through"}
            """);
        return Write("gated.yaml", """
            name: gated
            params: { gate: gate }
            actions: { first: { file: first.py }, second: { file: second.py } }
            steps:
              - { id: first, action: first, foreach: [1, 2, 3, 4] }
              - { id: second, action: second, needs: [first], with: { gate: "${{ params.gate }}" } }
            output: "${{ steps.second.result.word }}"
            """);
    }
}
