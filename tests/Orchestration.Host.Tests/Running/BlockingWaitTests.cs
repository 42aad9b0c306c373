using Orchestration.Core.Facts;
using Orchestration.Host.Tests.Support;
using Orchestration.Persistence.Sqlite;

namespace Orchestration.Host.Tests.Running;

/// <summary>How long an invoke waits for its result before it is looked for.</summary>
public sealed class BlockingWaitTests : Workplace
{
    [Fact]
    public async Task An_action_that_takes_longer_is_accepted_first_and_awaited_then()
    {
        Assert.Equal(0, await AcceptedAsync("default", []));
        Assert.Equal(1, await AcceptedAsync("option", [], "--blocking-wait", "50ms"));
        Assert.Equal(1, await AcceptedAsync("setting", new() { ["Orchestration__BlockingWait"] = "0.05" }));
        Assert.Equal(0, await AcceptedAsync("both", new() { ["Orchestration__BlockingWait"] = "0.05" }, "--blocking-wait", "20s"));
    }

    private async Task<int> AcceptedAsync(string data, Dictionary<string, string> environment, params string[] options)
    {
        Write("slow.py", """
            import time

            def main(args):
                time.sleep(0.5)
                return {}
            """);
        var workflow = Write("slow.yaml", """
            name: slow
            actions: { slow: { file: slow.py } }
            steps:
              - { id: slow, action: slow }
            """);

        var result = (await HostProcess.RunAsync(Folder, environment, ["run", workflow, "--json", "--data-dir", PathOf(data), .. options])).MustExitWith(0);

        using var history = SqliteHistory.Open(PathOf(data))!;
        return history.ReadCommits("orchestration-" + result.Json().GetProperty("orchId").GetString()).SelectMany(row => row.Commit.Facts).OfType<ActivationAccepted>().Count();
    }
}
