using System.Text.Json;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Progress;

/// <summary>Whoever follows a run is told how long it still takes, by past ones.</summary>
public sealed class TimeLeftToldTests : GatedWorkplace
{
    [Fact]
    public async Task The_api_a_watcher_and_a_resumed_run_tell_it()
    {
        Open("open");
        (await RunAsync("run", WriteWorkflow(), "-p", "gate=open", "--quiet")).MustExitWith(0);
        var (owner, id) = await StartGatedAsync(times: 2);
        await using (owner)
        {
            using var client = ApiOfTest.Connect(Folder);
            var left = await client.ReadAsync($"/v1/orchestrations/{id}/eta");
            Assert.Equal((1, JsonValueKind.Number, JsonValueKind.Null), (left.GetProperty("runs").GetInt32(), left.GetProperty("seconds").ValueKind, left.GetProperty("reach").ValueKind));
            await using var watcher = HostProcess.Start(Folder, "runs", "watch", id);
            await watcher.WaitForLineAsync("(by 1 past run)");
            owner.Kill();
            await owner.WaitAsync();
        }

        await using var resumed = HostProcess.Start(Folder, "runs", "resume", id);
        await resumed.WaitForLineAsync("(by 1 past run)");
        Open();
        var ended = (await resumed.WaitAsync()).MustExitWith(0);
        Assert.Contains($"as a page: orchestration runs report {id} -o report.html", ended.Output, StringComparison.Ordinal);
    }
}
