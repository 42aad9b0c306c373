using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Orchestration.Core.Json;
using Orchestration.OpenWhisk.Tests.Servers;
using static Orchestration.OpenWhisk.Tests.TestData;

namespace Orchestration.OpenWhisk.Tests;

/// <summary>Actions as a person handles them, on the local OpenWhisk and against scripted answers.</summary>
public sealed class WhiskActionsTests : OnLocalWhisk
{
    [Fact]
    public async Task Actions_are_listed_looked_at_called_and_removed()
    {
        using var deployer = new ActionDeployer(Options);
        await deployer.DeployAsync(Of("echo", "def main(args):\n    return args\n"));
        await deployer.DeployAsync(Of("bad/fails", "def main(args):\n    print('now')\n    return {'error': 'no'}\n") with { Timeout = TimeSpan.FromSeconds(90) });
        using var actions = new WhiskActions(Options);

        Assert.Equal(["bad/fails", "echo"], (await actions.ListAsync(null)).Select(a => a.Name));
        var listed = Assert.Single(await actions.ListAsync("bad"));
        Assert.Equal(("bad/fails", TimeSpan.FromSeconds(90), 256), (listed.Name, listed.Timeout, listed.MemoryMegabytes));
        Assert.False((await actions.GetAsync("echo", withCode: false)).GetProperty("exec").TryGetProperty("code", out _));
        Assert.Contains("return args", (await actions.GetAsync("echo", withCode: true)).GetProperty("exec").GetProperty("code").GetString(), StringComparison.Ordinal);

        var called = await actions.InvokeAsync("echo", JsonBytes.Parse("""{"a":1}"""), isBlocking: true);
        Assert.Equal("""{"a":1}""", called.Record!.Value.GetProperty("response").GetProperty("result").GetRawText());
        var failed = await actions.InvokeAsync("bad/fails", JsonBytes.EmptyObject, isBlocking: true);
        Assert.False(failed.Record!.Value.GetProperty("response").GetProperty("success").GetBoolean());
        // A record may come a moment after the answer.
        await UntilAsync(async () => await actions.FindLatestAsync("bad/fails") == failed.ActivationId && await actions.FindLatestAsync("echo") == called.ActivationId);
        Assert.Single((await actions.FindActivationAsync(failed.ActivationId))!.Value.GetProperty("logs").EnumerateArray());
        Assert.Null((await actions.InvokeAsync("echo", JsonBytes.EmptyObject, isBlocking: false)).Record);
        Assert.Null(await actions.FindActivationAsync(new string('0', 32)));

        await actions.DeleteAsync("echo");
        Assert.Contains("There is no action 'echo'", (await Assert.ThrowsAsync<OpenWhiskException>(() => actions.DeleteAsync("echo"))).Message, StringComparison.Ordinal);
        Assert.Contains("There is no action 'echo'", (await Assert.ThrowsAsync<OpenWhiskException>(() => actions.InvokeAsync("echo", JsonBytes.EmptyObject, true))).Message, StringComparison.Ordinal);
        Assert.Contains("There is no package 'none'", (await Assert.ThrowsAsync<OpenWhiskException>(() => actions.ListAsync("none"))).Message, StringComparison.Ordinal);
        Assert.Contains("names no action", (await Assert.ThrowsAsync<OpenWhiskException>(() => actions.GetAsync("a/b/c/d", false))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_longer_than_a_page_is_read_to_its_end()
    {
        var page = $"[{string.Join(',', Enumerable.Range(0, 200).Select(i => $$"""{"name":"a{{i}}","namespace":"guest","updated":1}"""))}]";
        await using var server = await ScriptedServer.StartAsync(context => context.Response.WriteAsync(context.Request.QueryString.Value!.Contains("skip=200", StringComparison.Ordinal) ? """[{"name":"last","namespace":"guest/p"}]""" : page));
        using var actions = new WhiskActions(Options(server.Url));

        var all = await actions.ListAsync(null);

        Assert.Equal((201, "p/last"), (all.Count, all[^1].Name));
    }

    [Fact]
    public async Task What_is_there_already_is_not_sent_again()
    {
        using var deployer = new ActionDeployer(Options);
        var action = Of("pkg/echo", "def main(args):\n    return args\n") with { MemoryMegabytes = 512 };
        Assert.Equal(DeploymentState.New, (await deployer.PlanAsync(action)).State);
        await deployer.ApplyAsync(await deployer.PlanAsync(action));

        Assert.Equal(DeploymentState.Same, (await deployer.PlanAsync(action)).State);
        Assert.Equal(DeploymentState.Same, (await deployer.PlanAsync(action with { MemoryMegabytes = null, Kind = "python:3" })).State);
        await Assert.AllAsync(
            new[] { action with { MemoryMegabytes = 256 }, action with { Main = "other" }, action with { Kind = "nodejs:default" }, Of("pkg/echo", "def main(args):\n    return {}\n"), action with { Timeout = TimeSpan.FromSeconds(1) } },
            async other => Assert.Equal(DeploymentState.Different, (await deployer.PlanAsync(other)).State));

        using var actions = new WhiskActions(Options);
        var before = (await actions.GetAsync("pkg/echo", false)).GetProperty("version").GetString();
        await deployer.ApplyAsync(await deployer.PlanAsync(action));
        Assert.Equal(before, (await actions.GetAsync("pkg/echo", false)).GetProperty("version").GetString());
    }

    [Fact]
    public async Task An_image_is_sent_by_name_with_code_or_without()
    {
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Method == "GET" ? 404 : 200;
            return context.Response.WriteAsync("""{"error":"not there","code":"x"}""");
        });
        using var deployer = new ActionDeployer(Options(server.Url));

        await deployer.ApplyAsync(await deployer.PlanAsync(new ActionDeployment("whole", "") { Image = "me/whole:1" }));
        await deployer.ApplyAsync(await deployer.PlanAsync(Of("code", "x = 1") with { Image = "me/python:1" }));

        var bodies = server.Seen.Where(r => r.Method == "PUT").Select(r => JsonDocument.Parse(r.Body).RootElement.GetProperty("exec").GetRawText()).ToList();
        Assert.Equal(["""{"kind":"blackbox","image":"me/whole:1"}""", """{"kind":"blackbox","image":"me/python:1","code":"x = 1"}"""], bodies);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await condition())
            patience.Token.ThrowIfCancellationRequested();
    }

    private static ActionDeployment Of(string name, string source) => new(name, "code.py") { Content = Encoding.UTF8.GetBytes(source) };
}
