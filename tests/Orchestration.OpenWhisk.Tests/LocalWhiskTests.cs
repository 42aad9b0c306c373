using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;
using Orchestration.LocalWhisk;
using Orchestration.OpenWhisk.Tests.Servers;
using static Orchestration.OpenWhisk.Tests.TestData;

namespace Orchestration.OpenWhisk.Tests;

/// <summary>Deploy, probe, invoke and await on the local OpenWhisk, with actions that run.</summary>
public sealed class LocalWhiskTests : OnLocalWhisk
{
    [Fact]
    public async Task The_probe_knows_it_and_its_credentials()
    {
        var found = await OpenWhiskProbe.CheckAsync(Options);
        Assert.Equal(Server.Namespace, found.Name);
        Assert.True(found.ConcurrentInvocations > 0);
        var problem = await Assert.ThrowsAsync<OpenWhiskException>(() => OpenWhiskProbe.CheckAsync(Options with { Auth = LocalWhiskOptions.NewAuth() }));
        Assert.Contains("refused the credentials", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_action_gets_its_parameters_and_the_context_and_returns_a_result()
    {
        await DeployAsync("echo", "def main(args):\n    return {'got': args}\n", TimeSpan.FromSeconds(30));
        using var invoker = new OpenWhiskInvoker(Options with { BlockingWait = TimeSpan.FromSeconds(30) });
        var succeeded = Assert.IsType<InvokeReply.Succeeded>(await invoker.InvokeAsync(Request("""{"text":"Zoë"}""", "echo"), default));
        using var result = JsonDocument.Parse(succeeded.Result.Utf8);
        var got = result.RootElement.GetProperty("got");
        Assert.Equal("Zoë", got.GetProperty("text").GetString());
        Assert.Equal((ActionIdText, OrchestrationIdText), (got.GetProperty("context").GetProperty("action_id").GetString(), got.GetProperty("context").GetProperty("orch_id").GetString()));
        Assert.Equal(2, got.GetProperty("__orchestration").GetProperty("attempt").GetInt32());
        Assert.True(succeeded.Timing!.End >= succeeded.Timing.Start);
        Assert.Equal(TimeSpan.FromSeconds(30), await invoker.GetTimeLimitAsync("echo", default));
    }

    [Theory]
    [InlineData("tools/inc", 2)]
    [InlineData("/_/mine/inc", 11)]
    [InlineData("twice", 3)]
    [InlineData("leads", 2)]
    public async Task What_lies_in_a_package_a_binding_a_sequence_and_a_conductor_are_invoked_as_actions(string name, int n)
    {
        await DeployAsync("tools/inc", "def main(args):\n    return {'n': args.get('n', 0) + args.get('by', 1)}\n", TimeSpan.FromSeconds(30));
        await PutAsync("packages/mine", """{"binding":{"namespace":"_","name":"tools"},"parameters":[{"key":"by","value":10}]}""");
        await PutAsync("actions/twice", """{"exec":{"kind":"sequence","components":["/_/tools/inc","/_/tools/inc"]}}""");
        await PutAsync("actions/leads", """{"exec":{"kind":"python:3","code":"def main(args):\n    return {'params': args['done']} if 'done' in args else {'action': 'tools/inc', 'params': {'n': args['n']}, 'state': {'done': {'n': 2}}}\n"},"annotations":[{"key":"conductor","value":true}]}""");
        using var invoker = new OpenWhiskInvoker(Options with { BlockingWait = TimeSpan.FromSeconds(30) });
        var succeeded = Assert.IsType<InvokeReply.Succeeded>(await invoker.InvokeAsync(Request("""{"n":1}""", name), default));
        using var result = JsonDocument.Parse(succeeded.Result.Utf8);
        Assert.Equal(n, result.RootElement.GetProperty("n").GetInt32());
    }

    [Fact]
    public async Task What_takes_longer_than_the_wait_is_awaited_by_its_id()
    {
        await DeployAsync("slow", "import time\ndef main(args):\n    time.sleep(0.5)\n    return {'done': True}\n", TimeSpan.FromSeconds(30));
        using var invoker = new OpenWhiskInvoker(Options with { BlockingWait = TimeSpan.FromMilliseconds(50) });
        var request = Request("{}", "slow");
        var accepted = Assert.IsType<InvokeReply.Accepted>(await invoker.InvokeAsync(request, default));
        Assert.Equal("""{"done":true}""", Assert.IsType<InvokeReply.Succeeded>(await EndAsync(invoker, request, accepted)).Result.ToString().Replace(" ", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("return {'error': {'code': 'E1', 'message': 'boom', 'meta': None}}", AttemptOutcome.ApplicationError, "boom")]
    [InlineData("import os; os._exit(3)", AttemptOutcome.DeveloperError, "exited")]
    [InlineData("import time; time.sleep(60)", AttemptOutcome.Timeout, "time limits")]
    public async Task Failures_are_told_apart(string line, AttemptOutcome outcome, string message)
    {
        await DeployAsync("fails", $"def main(args):\n    {line}\n", TimeSpan.FromSeconds(2));
        using var invoker = new OpenWhiskInvoker(Options with { BlockingWait = TimeSpan.FromSeconds(30) });
        var failed = Assert.IsType<InvokeReply.Failed>(await invoker.InvokeAsync(Request("{}", "fails"), default));
        Assert.Equal(outcome, failed.Outcome);
        Assert.Contains(message, failed.Failure.Message, StringComparison.Ordinal);
        Assert.NotNull(failed.ActivationId);
    }

    [Fact]
    public async Task What_a_stop_of_it_cut_short_counts_as_interrupted()
    {
        await DeployAsync("slow", "import time\ndef main(args):\n    time.sleep(60)\n", TimeSpan.FromSeconds(90));
        string activation;
        using (var invoker = new OpenWhiskInvoker(Options with { BlockingWait = TimeSpan.FromMilliseconds(50) }))
            activation = Assert.IsType<InvokeReply.Accepted>(await invoker.InvokeAsync(Request("{}", "slow"), default)).ActivationId;
        await Server.DisposeAsync();
        await InitializeAsync();

        using var again = new OpenWhiskInvoker(Options);
        var failed = Assert.IsType<InvokeReply.Failed>(await again.GetActivationAsync(Request("{}", "slow"), activation, default));

        Assert.Equal((AttemptOutcome.Interrupted, activation), (failed.Outcome, failed.ActivationId));
    }

    [Fact]
    public async Task The_ends_of_many_come_from_a_page_of_the_list()
    {
        await DeployAsync("echo", "def main(args):\n    return {'n': args['n']} if args['n'] else {'error': 'none'}\n", TimeSpan.FromSeconds(30));
        using var invoker = new OpenWhiskInvoker(Options with { Blocking = false });
        var wanted = new Dictionary<string, InvokeRequest>();
        var since = DateTimeOffset.UtcNow.AddSeconds(-1);
        for (var n = 0; n < 5; n++)
            wanted[Assert.IsType<InvokeReply.Accepted>(await invoker.InvokeAsync(Request($$"""{"n":{{n}}}""", "echo"), default)).ActivationId] = Request("{}", "echo");
        foreach (var (id, request) in wanted)
            await EndAsync(invoker, request, new InvokeReply.Accepted(id));
        await invoker.InvokeAsync(Request("""{"n":9}""", "echo"), default);

        var page = await invoker.ListActivationsAsync(wanted, since, null, 0, default);
        Assert.Equal((PageAnswer.Read, null), (page.Answer, page.Oldest));
        Assert.Equal(wanted.Keys.Order(), page.Found.Keys.Order());
        Assert.Equal(4, page.Found.Values.OfType<InvokeReply.Succeeded>().Count());
        Assert.Equal("none", Assert.Single(page.Found.Values.OfType<InvokeReply.Failed>()).Failure.Message);
        Assert.Empty((await invoker.ListActivationsAsync(wanted, DateTimeOffset.UtcNow.AddHours(1), null, 0, default)).Found);
        Assert.Empty((await invoker.ListActivationsAsync(wanted, since, null, 6, default)).Found);
    }

    [Fact]
    public async Task What_is_not_there_is_rejected()
    {
        using var invoker = new OpenWhiskInvoker(Options);
        var failed = Assert.IsType<InvokeReply.Failed>(await invoker.InvokeAsync(Request("{}", "gone"), default));
        Assert.Equal(AttemptOutcome.Rejected, failed.Outcome);
        Assert.Contains("'gone'", failed.Failure.Message, StringComparison.Ordinal);
        Assert.IsType<InvokeReply.Accepted>(await invoker.GetActivationAsync(Request(), ActivationId, default));
    }

    private static async Task<InvokeReply> EndAsync(OpenWhiskInvoker invoker, InvokeRequest request, InvokeReply.Accepted accepted)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            var reply = await invoker.GetActivationAsync(request, accepted.ActivationId, patience.Token);
            if (reply is not InvokeReply.Accepted)
                return reply;
            await timer.WaitForNextTickAsync(patience.Token);
        }
    }

    private async Task PutAsync(string path, string json)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Server.Auth)));
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await client.PutAsync(new Uri(Server.BaseAddress, $"/api/v1/namespaces/_/{path}?overwrite=true"), content);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task DeployAsync(string name, string code, TimeSpan timeout)
    {
        var file = Path.Combine(Folder, name.Replace('/', '-') + ".py");
        await File.WriteAllTextAsync(file, code);
        using var deployer = new ActionDeployer(Options);
        await deployer.DeployAsync(new ActionDeployment(name, file) { Timeout = timeout });
    }
}
