using Orchestration.LocalWhisk.Faults;
using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests;

/// <summary>Each fault on demand, as a client meets it.</summary>
public sealed class FaultTests
{
    private const string Count = "import os\ndef main(args):\n    with open(args['file'], 'a') as f:\n        f.write('x')\n    return {'n': os.path.getsize(args['file'])}\n";

    private static async Task<TestWhisk> StartAsync(params string[] faults)
    {
        var whisk = await TestWhisk.StartAsync(o => o with { Faults = [.. faults.Select(Fault.Parse)] });
        await whisk.DeployAsync("count", Count);
        return whisk;
    }

    private static string Target(TestWhisk whisk) => Path.Combine(whisk.Directory, "count");

    private static string Arguments(TestWhisk whisk) => $$"""{"file":"{{Target(whisk)}}"}""";

    private static Task RanAsync(TestWhisk whisk, int times) =>
        Eventually.TrueAsync(() => File.Exists(Target(whisk)) && new FileInfo(Target(whisk)).Length == times, $"{times} runs");

    [Fact]
    public async Task A_dropped_record_stays_away_also_after_a_restart()
    {
        var directory = TestWhisk.NewDirectory();
        try
        {
            string id;
            await using (var whisk = await TestWhisk.StartAsync(o => o with { Faults = [Fault.Parse("drop-record=100")] }, directory))
            {
                await whisk.DeployAsync("echo", Sources.Echo);
                var reply = await whisk.CallAsync("echo");
                Assert.Equal(200, reply.Status);
                id = reply.ActivationId!;
                await Eventually.TrueAsync(async () => (await whisk.GetAsync("/local/faults")).Text.Contains("\"times\":1", StringComparison.Ordinal), "the fault strikes");
                (await whisk.GetAsync($"{TestWhisk.Api}/activations/{id}")).IsRefusal(404, "does not exist");
            }
            await using var again = await TestWhisk.StartAsync(o => o, directory);
            (await again.GetAsync($"{TestWhisk.Api}/activations/{id}")).IsRefusal(404, "does not exist");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task A_delayed_record_is_missing_first()
    {
        await using var whisk = await StartAsync("delay-record=100:1s");
        var reply = await whisk.CallAsync("count", Arguments(whisk));
        Assert.Equal(200, reply.Status);
        Assert.Equal(404, (await whisk.GetAsync($"{TestWhisk.Api}/activations/{reply.ActivationId}")).Status);
        await whisk.RecordAsync(reply.ActivationId!);
    }

    [Fact]
    public async Task A_blocking_call_is_only_accepted_and_goes_on()
    {
        await using var whisk = await StartAsync("force-202=100");
        var reply = await whisk.CallAsync("count", Arguments(whisk));
        Assert.Equal(202, reply.Status);
        Assert.True((await whisk.RecordAsync(reply.ActivationId!)).GetProperty("response").GetProperty("success").GetBoolean());
    }

    [Fact]
    public async Task A_burst_refuses_what_comes_while_it_lasts()
    {
        await using var whisk = await StartAsync("burst-429=100:600s");
        for (var i = 0; i < 3; i++)
            (await whisk.CallAsync("count", Arguments(whisk))).IsRefusal(429, "Too many requests in the last minute");
        Assert.Equal("""[{"fault":"burst-429=100:600000ms","times":3}]""", (await whisk.GetAsync("/local/faults")).Text);
        Assert.False(File.Exists(Target(whisk)));
    }

    [Theory]
    [InlineData("error-500", 500, "There was an internal server error.")]
    [InlineData("error-503", 503, "The server is currently unavailable")]
    public async Task An_error_in_the_APIs_form_accepts_nothing(string fault, int status, string error)
    {
        await using var whisk = await StartAsync($"{fault}=100");
        (await whisk.CallAsync("count", Arguments(whisk))).IsRefusal(status, error);
        (await whisk.GetAsync($"{TestWhisk.Api}/activations")).IsRefusal(status, error);
        Assert.False(File.Exists(Target(whisk)));
    }

    [Fact]
    public async Task A_proxys_page_is_no_json()
    {
        await using var whisk = await StartAsync("html-502=100");
        var reply = await whisk.CallAsync("count", Arguments(whisk));
        Assert.Equal(502, reply.Status);
        Assert.StartsWith("<html>", reply.Text, StringComparison.Ordinal);
        Assert.Null(reply.ActivationId);
        Assert.False(File.Exists(Target(whisk)));
    }

    [Fact]
    public async Task A_connection_that_breaks_before_leaves_no_activation()
    {
        await using var whisk = await StartAsync("reset-before=100");
        await Assert.ThrowsAsync<HttpRequestException>(() => whisk.CallAsync("count", Arguments(whisk)));
        Assert.Equal("[]", (await whisk.SendAsync(HttpMethod.Delete, "/local/faults")).Text);
        Assert.Equal("[]", (await whisk.GetAsync($"{TestWhisk.Api}/activations")).Text);
    }

    [Fact]
    public async Task A_connection_that_breaks_after_leaves_one_that_runs()
    {
        await using var whisk = await StartAsync("reset-after=100");
        await Assert.ThrowsAsync<HttpRequestException>(() => whisk.CallAsync("count", Arguments(whisk)));
        await RanAsync(whisk, 1);
    }

    [Fact]
    public async Task A_duplicate_runs_twice_under_one_id()
    {
        await using var whisk = await StartAsync("duplicate=100");
        var reply = await whisk.CallAsync("count", Arguments(whisk), "?blocking=true&result=true");
        Assert.Equal("""{"n":2}""", reply.Text);
        await whisk.RecordAsync(reply.ActivationId!);
        Assert.Single((await whisk.GetAsync($"{TestWhisk.Api}/activations")).Json.EnumerateArray());
    }

    [Fact]
    public async Task A_slow_answer_is_late_and_right()
    {
        await using var whisk = await StartAsync("slow=100:300ms");
        var begin = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var reply = await whisk.CallAsync("count", Arguments(whisk), "?blocking=true&result=true");
        Assert.Equal("""{"n":1}""", reply.Text);
        await whisk.SendAsync(HttpMethod.Delete, "/local/faults");
        Assert.True((await whisk.RecordAsync(reply.ActivationId!)).GetProperty("start").GetInt64() - begin >= 290);
    }

    [Fact]
    public async Task The_same_seed_strikes_the_same_requests_about_as_often_as_asked()
    {
        var runs = new List<string>();
        for (var run = 0; run < 2; run++)
        {
            await using var whisk = await StartAsync("error-503=20");
            var statuses = new List<int>();
            for (var i = 0; i < 200; i++)
                statuses.Add((await whisk.GetAsync($"{TestWhisk.Api}/activations")).Status);
            Assert.InRange(statuses.Count(s => s == 503), 20, 60);
            runs.Add(string.Join(' ', statuses));
        }
        Assert.Equal(runs[0], runs[1]);
    }

    [Fact]
    public async Task Faults_change_while_the_server_runs_and_need_the_key()
    {
        await using var whisk = await StartAsync();
        (await whisk.GetAsAsync("/local/faults", null)).IsRefusal(401, "requires authentication");
        Assert.Equal("""[{"fault":"error-503=100","times":0}]""", (await whisk.SendAsync(HttpMethod.Put, "/local/faults", """["error-503=100"]""")).Text);
        (await whisk.CallAsync("count", Arguments(whisk))).IsRefusal(503, "unavailable");
        (await whisk.SendAsync(HttpMethod.Put, "/local/faults", """["slow=1:2h"]""")).IsRefusal(400, "is no fault");
        (await whisk.SendAsync(HttpMethod.Put, "/local/faults", """{"slow":1}""")).IsRefusal(400, "a list of faults was expected");
        (await whisk.SendAsync(HttpMethod.Post, "/local/faults", "[]")).IsRefusal(405, "DELETE, GET, PUT");
        await whisk.SendAsync(HttpMethod.Delete, "/local/faults");
        Assert.Equal(200, (await whisk.CallAsync("count", Arguments(whisk))).Status);
    }

    [Theory]
    [InlineData("drop", "is no fault. Write KIND=PERCENT")]
    [InlineData("lose=5", "'lose' is no kind of fault. Use one of drop-record, delay-record")]
    [InlineData("slow=101", "must be a number from 0 to 100")]
    [InlineData("slow=1.2.3", "must be a number from 0 to 100")]
    [InlineData("duplicate=5:3s", "duplicate takes no time; leave out ':3s'")]
    public void A_wrong_fault_is_told_with_the_remedy(string text, string message) =>
        Assert.Contains(message, Assert.Throws<LocalWhiskException>(() => Fault.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Every_kind_can_be_written() =>
        Assert.All(Enum.GetValues<FaultKind>(), kind => Assert.Equal(kind, Fault.Parse($"{Fault.NameOf(kind)}=2.5").Kind));
}
