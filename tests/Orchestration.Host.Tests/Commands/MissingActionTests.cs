using Orchestration.Host.Running;
using Orchestration.Host.Tests.Support;
using Orchestration.Workflows;

namespace Orchestration.Host.Tests.Commands;

public sealed class MissingActionTests : Workplace
{
    private const string Workflow = """
        name: w
        actions: { known: { file: known.py, kind: "python:3", timeout: 1m, memory: 512 } }
        steps:
          - { id: a, action: there }
          - { id: b, action: greet }
          - { id: c, action: img/shrink }
          - { id: d, action: greet }
          - { id: e, action: known }
        """;

    [Fact]
    public async Task On_an_OpenWhisk_elsewhere_each_missing_action_is_told_with_the_command_that_deploys_it_and_nothing_is_started()
    {
        await using var whisk = await WhiskOfTest.StartAsync(Folder);
        var code = Write("known.py", "def main(args):\n    return {}\n");
        await whisk.DeployAsync("there", code);

        var result = (await RunAsync("run", Write("w.yaml", Workflow), "--openwhisk", whisk.Url(), "--auth", whisk.Auth, "--put", $"in/x={code}", "--object-store", $"file:{PathOf("store")}")).MustExitWith(1);

        Assert.Contains($"""
            error: 3 actions of the workflow 'w' are not on the OpenWhisk at {whisk.Url()}; nothing was started. Deploy what is missing, or correct the names ('wsk action list' shows the actions there):
              wsk package update img
              wsk action create greet FILE   # steps b, d
              wsk action create img/shrink FILE   # step c
              wsk action create known known.py --kind python:3 --timeout 60000 --memory 512   # step e
            """, result.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(PathOf("store/in")));
        Assert.Equal(0, whisk.Metrics.PerAction.GetValueOrDefault("there")?.Invocations ?? 0);
        Assert.Empty((await RunAsync("runs", "list", "--json")).MustExitWith(0).Json().GetProperty("runs").EnumerateArray());
    }

    [Fact]
    public void On_the_local_one_the_workflow_brings_them_along()
    {
        var text = MissingActions.Describe(WorkflowFile.Parse(Workflow, "w.yaml"), ["greet", "img/shrink"], null);

        Assert.Equal("""
            2 actions of the workflow 'w' are not on the local OpenWhisk; nothing was started. Bring what is missing along in the workflow file, or correct the names:
              actions:
                greet: { file: actions/greet.py }   # steps b, d
                img/shrink: { file: actions/shrink.py }   # step c
            """, text);
    }
}
