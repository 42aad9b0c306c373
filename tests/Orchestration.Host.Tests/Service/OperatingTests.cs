using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Service;

/// <summary>What the people need who keep a service running: its beginning and end, its bounds, its logs.</summary>
public sealed class OperatingTests : GatedWorkplace
{
    [Fact]
    public async Task It_tells_systemd_when_it_is_ready_and_when_it_stops()
    {
        var path = PathOf("notify");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        await using var service = await ServiceOfTest.StartAsync(Folder, new Dictionary<string, string> { ["NOTIFY_SOCKET"] = path });
        Assert.Equal("READY=1", await NoticeAsync());
        service.Signal("TERM");
        Assert.Equal("STOPPING=1", await NoticeAsync());
        (await service.WaitAsync()).MustExitWith(0);

        async Task<string> NoticeAsync()
        {
            var buffer = new byte[100];
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, patience.Token)).Trim();
        }
    }

    [Fact]
    public async Task At_its_end_it_waits_for_what_is_about_to_end_and_starts_nothing_new()
    {
        await using var service = await StartWithGateAsync("--drain", "1m");
        using var client = ApiOfTest.Connect(Folder);
        var run = await StartAsync(client, """[{"name":"second","params":{"gate":"gate"}},{"name":"second","params":{"gate":"gate"}}]""");
        await WaitForCallAsync("second");

        service.Signal("TERM");
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        HttpStatusCode ready;
        do
        {
            using var answer = await client.GetAsync("/health/ready", patience.Token);
            ready = answer.StatusCode;
        }
        while (ready == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready);
        await client.ProblemAsync("/v1/orchestrations", """{"name":"late"}""", HttpStatusCode.ServiceUnavailable, "CLOSING");
        Assert.False(service.HasEnded);
        Open();
        (await service.WaitAsync()).MustExitWith(0);

        var actions = (await RunAsync("runs", "show", run[^24..], "--json")).MustExitWith(0).Json().GetProperty("actions").EnumerateArray().ToList();
        Assert.Equal([JsonValueKind.True, JsonValueKind.Null], actions.Select(a => a.GetProperty("success").ValueKind));
        Assert.Empty(actions[1].GetProperty("attempts").EnumerateArray());
    }

    [Fact]
    public async Task What_does_not_end_in_time_is_left_to_the_next_one()
    {
        await using var service = await StartWithGateAsync("--drain", "0s");
        using var client = ApiOfTest.Connect(Folder);
        await StartAsync(client, """[{"name":"second","params":{"gate":"gate"}}]""");
        await WaitForCallAsync("second");
        service.Signal("TERM");
        Assert.Contains("1 activation goes on; the next service waits for it", (await service.WaitAsync()).MustExitWith(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_beyond_the_bound_wait_their_turn_and_the_service_says_which()
    {
        WriteWorkflow();
        await using var service = await ServiceOfTest.StartAsync(Folder, "--max-active", "1");
        using var client = ApiOfTest.Connect(Folder);
        var start = JsonSerializer.Serialize(new { workflow = await File.ReadAllTextAsync(PathOf("gated.yaml")), directory = Folder });
        var first = (await client.PostAsync("/v1/orchestrations", start, HttpStatusCode.Created)).GetProperty("orchId").GetString();
        await WaitForCallAsync("second");
        var second = (await client.PostAsync("/v1/orchestrations", start, HttpStatusCode.Created)).GetProperty("orchId").GetString();
        await UntilAsync(async () => (await client.ReadAsync("/v1/info")).GetProperty("waiting").GetArrayLength() == 1);
        Assert.Equal(second, (await client.ReadAsync("/v1/info")).GetProperty("waiting")[0].GetString());
        Assert.Equal(0, (await client.ReadAsync($"/v1/orchestrations/{second}")).GetProperty("actions").GetInt32());
        Open();
        foreach (var run in new[] { first, second })
            await UntilAsync(async () => (await client.ReadAsync($"/v1/orchestrations/{run}")).GetProperty("status").GetString() == "completed");
    }

    [Fact]
    public async Task A_run_that_its_client_has_left_fails_after_a_while_and_one_that_is_waited_for_does_not()
    {
        await using var service = await StartWithGateAsync("--abandon-after", "1s");
        using var client = ApiOfTest.Connect(Folder);
        var left = "/v1/orchestrations/" + (await client.PostAsync("/v1/orchestrations", """{"name":"left"}""", HttpStatusCode.Created)).GetProperty("orchId").GetString();
        var busy = await StartAsync(client, """[{"name":"second","params":{"gate":"gate"}}]""");

        await UntilAsync(async () => (await client.ReadAsync(left)).GetProperty("status").GetString() == "failed");
        var error = (await client.ReadAsync($"{left}/report")).GetProperty("error");
        Assert.Equal("ABANDONED", error.GetProperty("code").GetString());
        Assert.Contains("--abandon-after", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        // An action of it runs, so it is not left however long that takes.
        Assert.Equal("running", (await client.ReadAsync(busy)).GetProperty("status").GetString());
        Open();
        await client.ReadAsync($"{busy}/batches/0?wait=1m");
        await client.PostAsync($"{busy}/complete", "{}", HttpStatusCode.OK);
    }

    [Fact]
    public async Task Logs_are_documents_with_the_ids_in_their_scopes_and_a_file_for_each_run()
    {
        await using var service = await ServiceOfTest.StartAsync(Folder, "--log-format", "json", "--log-dir", "logs");
        (await RunAsync("run", HelloWorkflow)).MustExitWith(0);
        service.Signal("TERM");
        var said = (await service.WaitAsync()).MustExitWith(0);

        var file = Assert.Single(Directory.GetFiles(PathOf("logs")));
        var id = Path.GetFileNameWithoutExtension(file);
        var lines = await File.ReadAllLinesAsync(file);
        Assert.Matches($"^[0-9T:.-]+Z info started: hello, on OpenWhisk local", lines[0]);
        Assert.Matches("^[0-9T:.-]+Z info completed$", lines[^1]);
        Assert.Contains(lines, l => l.Contains("question[0] question: succeeded (activation ", StringComparison.Ordinal));

        var scopes = said.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)
            .Where(l => l.GetProperty("Category").GetString()!.StartsWith("Orchestration.", StringComparison.Ordinal)).SelectMany(l => l.GetProperty("Scopes").EnumerateArray()).ToList();
        Assert.Contains(scopes, s => s.GetProperty("orch_id").GetString() == id && s.TryGetProperty("action_id", out var action) && action.GetString()!.Length == 24);
        // With everything else that is wrong, not alone.
        var wrong = (await RunAsync("serve", "--log-dir", HelloWorkflow, "--listen", "nowhere")).MustExitWith(2).Errors;
        Assert.Contains("is no folder that can be written to", wrong, StringComparison.Ordinal);
        Assert.Contains("--listen: ", wrong, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Traces_and_metrics_go_to_the_collector_that_the_environment_names()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var collector = builder.Build();
        var received = new ConcurrentQueue<(string Path, byte[] Body)>();
        collector.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.Enqueue((context.Request.Path, body.ToArray()));
        });
        await collector.StartAsync();
        var environment = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        };
        await using var service = await ServiceOfTest.StartAsync(Folder, environment);
        var id = (await RunAsync("run", HelloWorkflow, "--json")).MustExitWith(0).Json().GetProperty("orchId").GetString()!;
        service.Signal("TERM");
        (await service.WaitAsync()).MustExitWith(0);

        var traces = received.Where(r => r.Path == "/v1/traces").SelectMany(r => r.Body).ToArray().AsSpan();
        Assert.True(traces.IndexOf(Convert.FromHexString(id + "00000000")) >= 0);
        foreach (var span in new[] { "orchestration hello", "batch question", "attempt answer", "http.request.method" })
            Assert.True(traces.IndexOf(Encoding.UTF8.GetBytes(span)) >= 0, span);
        // What goes into actions and comes out of them stays here.
        Assert.True(traces.IndexOf("Hello, World"u8) < 0);
        Assert.Contains(received, r => r.Path == "/v1/metrics" && r.Body.AsSpan().IndexOf("orchestration.attempt.duration"u8) >= 0);
    }

    [Fact]
    public async Task Hocon_means_more_than_defaults_and_less_than_options()
    {
        Write("own.conf", "orchestration { max-active = 1 }");
        await using (var service = await ServiceOfTest.StartAsync(Folder, "--hocon", "own.conf"))
            await OneWaitsAsync(true);
        await using (var service = await ServiceOfTest.StartAsync(Folder, "--hocon", "own.conf", "--max-active", "5"))
            await OneWaitsAsync(false);
        await using (var service = await ServiceOfTest.StartAsync(Folder, "--hocon", Path.Combine(SourceTree, "hocon", "orchestration.conf")))
            await OneWaitsAsync(false);
        Write("wrong.conf", "orchestration { pool-size = many }");
        Assert.Contains("orchestration.pool-size is 'many'; it takes a whole number", (await RunAsync("serve", "--hocon", "wrong.conf")).MustExitWith(2).Errors, StringComparison.Ordinal);
        Write("low.conf", "orchestration { pool-size = 0 }");
        Assert.Contains("orchestration.pool-size is 0; it takes 1 or more", (await RunAsync("serve", "--hocon", "low.conf")).MustExitWith(2).Errors, StringComparison.Ordinal);

        async Task OneWaitsAsync(bool expected)
        {
            WriteWorkflow();
            using var client = ApiOfTest.Connect(Folder);
            var start = JsonSerializer.Serialize(new { workflow = await File.ReadAllTextAsync(PathOf("gated.yaml")), directory = Folder });
            for (var i = 0; i < 2; i++)
                await client.PostAsync("/v1/orchestrations", start, HttpStatusCode.Created);
            await UntilAsync(async () =>
            {
                var info = await client.ReadAsync("/v1/info");
                return info.GetProperty("waiting").GetArrayLength() > 0 == expected && info.GetProperty("active").GetArrayLength() >= 2;
            });
            foreach (var run in (await client.ReadAsync("/v1/info")).GetProperty("active").EnumerateArray())
                await client.PostAsync($"/v1/orchestrations/{run.GetString()}/cancel", "{}", HttpStatusCode.OK);
        }
    }

    // A service with the action that waits for a gate.
    private async Task<HostProcess> StartWithGateAsync(params string[] options)
    {
        WriteWorkflow();
        await ServiceOfTest.DeployAsync(Folder, "second", await File.ReadAllTextAsync(PathOf("second.py")));
        return await ServiceOfTest.StartAsync(Folder, options);
    }

    private static async Task<string> StartAsync(HttpClient client, string actions)
    {
        var run = "/v1/orchestrations/" + (await client.PostAsync("/v1/orchestrations", """{"name":"gated"}""", HttpStatusCode.Created)).GetProperty("orchId").GetString();
        await client.PostAsync($"{run}/batches", $$"""{"actions":{{actions}},"parallelism":1}""", HttpStatusCode.Accepted);
        return run;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await condition())
            await timer.WaitForNextTickAsync(patience.Token);
    }
}
