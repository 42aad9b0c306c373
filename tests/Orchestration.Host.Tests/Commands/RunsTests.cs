using System.Text.Json;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Commands;

/// <summary><c>runs list</c> and <c>runs show</c> with their filters and forms.</summary>
public sealed class RunsTests : Workplace
{
    [Fact]
    public async Task Runs_are_listed_by_name_status_and_time_and_shown_step_by_step_or_action_by_action()
    {
        Write("half.py", "def main(args):\n    return {'error': 'no luck'} if args['n'] == 1 else {'n': args['n']}\n");
        var workflow = Write("half.yaml", """
            name: half
            actions: { half: { file: half.py } }
            steps:
              - { id: first, action: half, with: { n: 7 } }
              - { id: half, action: half, needs: first, foreach: [0, 1, 2], with: { n: "${{ item }}" }, retry: { retries: 0 } }
            """);
        var id = (await RunAsync("run", workflow, "--json")).MustExitWith(1).Json().GetProperty("orchId").GetString()!;

        Assert.Equal([id], await ListAsync());
        Assert.Equal([id], await ListAsync("--name", "half", "--status", "failed", "--since", "1h"));
        Assert.Empty(await ListAsync("--until", "1h"));
        Assert.Empty(await ListAsync("--since", "2999-01-01"));
        Assert.Empty(await ListAsync("--name", "other"));
        Assert.Contains("runs:\n- orchId: ", (await RunAsync("runs", "list", "-o", "yaml")).MustExitWith(0).Output, StringComparison.Ordinal);
        Assert.Contains("--since 1h is not before --until 2h", (await RunAsync("runs", "list", "--since", "1h", "--until", "2h")).MustExitWith(2).Errors, StringComparison.Ordinal);
        Assert.Contains("'soon' is neither a duration", (await RunAsync("runs", "list", "--since", "soon")).MustExitWith(2).Errors, StringComparison.Ordinal);

        var steps = (await RunAsync("runs", "show", id[..23])).MustExitWith(0).Output;
        Assert.Matches(@"(?m)^half +failed +3 +1 +3 ", steps);
        Assert.DoesNotContain("half[1]", steps, StringComparison.Ordinal);
        Assert.Contains("--actions lists its actions", steps, StringComparison.Ordinal);

        var failed = (await RunAsync("runs", "show", id, "--status", "failed")).MustExitWith(0).Output;
        Assert.Contains("✗ half[1]", failed, StringComparison.Ordinal);
        Assert.DoesNotContain("half[0]", failed, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^half +failed +3 +1 +3 ", failed);

        var actions = (await RunAsync("runs", "show", id, "--step", "half", "--json", "--no-bodies")).MustExitWith(0).Json().GetProperty("actions").EnumerateArray().ToList();
        Assert.Equal([0, 1, 2], actions.Select(a => a.GetProperty("index").GetInt32()));
        Assert.All(actions, a => Assert.Equal(JsonValueKind.Null, a.GetProperty("body").ValueKind));
        Assert.Contains("--step: the run has no step 'haf'; did you mean 'half'? Steps: first, half.", (await RunAsync("runs", "show", id, "--step", "haf")).MustExitWith(2).Errors, StringComparison.Ordinal);
        Assert.Contains("--json and -o yaml ask for two forms", (await RunAsync("runs", "show", id, "--json", "-o", "yaml")).MustExitWith(2).Errors, StringComparison.Ordinal);

        Assert.Contains(id, (await RunAsync("__complete", "1000", $"orchestration runs show {id[..4]}")).MustExitWith(0).Output, StringComparison.Ordinal);
    }

    private async Task<IEnumerable<string>> ListAsync(params string[] options) =>
        (await RunAsync(["runs", "list", "-o", "json", .. options])).MustExitWith(0).Json().GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("orchId").GetString()!);
}
