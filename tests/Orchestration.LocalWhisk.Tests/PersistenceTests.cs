using System.Text.Json;
using Orchestration.LocalWhisk.Storage;
using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests;

/// <summary>What is still there after a stop, a kill or a full disk.</summary>
public sealed class PersistenceTests : IDisposable
{
    private readonly string _directory = TestWhisk.NewDirectory();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private Task<TestWhisk> StartAsync() => TestWhisk.StartAsync(o => o, _directory);

    private string[] RecordFiles() => Directory.GetFiles(Path.Combine(_directory, "activations"), "records-*.jsonl");

    [Fact]
    public async Task Actions_and_records_survive_a_restart()
    {
        string action, record, id;
        await using (var whisk = await StartAsync())
        {
            await whisk.DeployAsync("my @action", "def main(args):\n    print('ž')\n    return args\n", more: """ "parameters":[{"key":"a","value":[1.0]},{"key":"i","value":"x","init":true}],"annotations":[{"key":"n","value":{"d":1}}],"publish":true,"version":"2.0.9","limits":{"timeout":5000} """);
            id = (await whisk.CallAsync("my%20@action")).ActivationId!;
            record = (await whisk.RecordAsync(id)).GetRawText();
            action = (await whisk.GetAsync($"{TestWhisk.Api}/actions/my%20@action")).Text;
            await whisk.DeployAsync("deleted", Sources.Echo);
            await whisk.SendAsync(HttpMethod.Delete, $"{TestWhisk.Api}/actions/deleted");
        }
        await using (var whisk = await StartAsync())
        {
            Assert.Equal(action, (await whisk.GetAsync($"{TestWhisk.Api}/actions/my%20@action")).Text);
            Assert.Equal("""{"actions":1}""", (await whisk.GetAsync($"{TestWhisk.Api}/actions?count=true")).Text);
            Assert.Equal(record, (await whisk.GetAsync($"{TestWhisk.Api}/activations/{id}")).Text);
            Assert.Equal(200, (await whisk.CallAsync("my%20@action")).Status);
            Assert.Equal(2, (await whisk.GetAsync($"{TestWhisk.Api}/activations")).Json.GetArrayLength());
        }
    }

    [Fact]
    public async Task What_a_stop_cut_short_gets_a_whisk_error_at_the_next_start()
    {
        var ids = new List<string>();
        await using (var whisk = await TestWhisk.StartAsync(o => o with { MaxProcesses = 1 }, _directory))
        {
            await whisk.DeployAsync("sleep", Sources.Sleep);
            for (var i = 0; i < 3; i++)
                ids.Add((await whisk.CallAsync("sleep", """{"ms":300000}""", "")).ActivationId!);
            await Eventually.TrueAsync(() => whisk.Server.Metrics is { Running: 1, Waiting: 2 }, "one runs, two wait");
        }
        string[] records;
        await using (var whisk = await StartAsync())
        {
            records = await Task.WhenAll(ids.Select(async id => (await whisk.GetAsync($"{TestWhisk.Api}/activations/{id}")).Text));
            foreach (var record in records.Select(r => JsonDocument.Parse(r).RootElement))
            {
                Assert.Equal("whisk internal error", record.GetProperty("response").GetProperty("status").GetString());
                Assert.Contains("stopped while the activation ran", record.GetProperty("response").GetProperty("result").GetProperty("error").GetString(), StringComparison.Ordinal);
                Assert.Equal(("sleep", "0.0.1", 0), (record.GetProperty("name").GetString(), record.GetProperty("version").GetString(), record.GetProperty("duration").GetInt32()));
            }
            Assert.Equal(3, (await whisk.GetAsync($"{TestWhisk.Api}/activations?name=sleep")).Json.EnumerateArray().Count(a => a.GetProperty("statusCode").GetInt32() == 3));
        }
        await using (var whisk = await StartAsync())
        {
            Assert.Equal("""{"activations":3}""", (await whisk.GetAsync($"{TestWhisk.Api}/activations?count=true")).Text);
            Assert.Equal(records[0], (await whisk.GetAsync($"{TestWhisk.Api}/activations/{ids[0]}")).Text);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60_000)]
    public async Task What_was_answered_before_a_stop_has_its_record(int delay)
    {
        Reply[] replies;
        await using (var whisk = await TestWhisk.StartAsync(o => o with { RecordDelay = TimeSpan.FromMilliseconds(delay) }, _directory))
        {
            await whisk.DeployAsync("echo", "def main(args):\n    print('x')\n    return args\n");
            replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => whisk.CallAsync("echo")));
        }
        await using (var whisk = await StartAsync())
        {
            foreach (var reply in replies)
            {
                var record = (await whisk.GetAsync($"{TestWhisk.Api}/activations/{reply.ActivationId}")).Json;
                Assert.True(record.GetProperty("response").GetProperty("success").GetBoolean());
                Assert.Equal(1, record.GetProperty("logs").GetArrayLength());
            }
        }
    }

    [Fact]
    public async Task A_killed_server_has_lost_nothing_that_it_acknowledged()
    {
        string finished, running;
        using (var server = await ServerProcess.StartAsync(_directory))
        {
            using var put = await server.Http.PutAsync($"{TestWhisk.Api}/actions/sleep", Json(new { exec = new { kind = "python:3", code = Sources.Sleep } }));
            Assert.Equal(200, (int)put.StatusCode);
            finished = await PostAsync(server.Http, 1);
            await Eventually.TrueAsync(async () => (await server.Http.GetAsync($"{TestWhisk.Api}/activations/{finished}")).IsSuccessStatusCode, "its record");
            running = await PostAsync(server.Http, 300_000);
            await server.KillAsync();
        }
        await using var whisk = await StartAsync();
        Assert.Equal("success", (await whisk.GetAsync($"{TestWhisk.Api}/activations/{finished}")).Json.GetProperty("response").GetProperty("status").GetString());
        Assert.Equal("whisk internal error", (await whisk.GetAsync($"{TestWhisk.Api}/activations/{running}")).Json.GetProperty("response").GetProperty("status").GetString());
        Assert.Equal(200, (await whisk.CallAsync("sleep", """{"ms":1}""")).Status);
    }

    private static async Task<string> PostAsync(HttpClient http, int milliseconds)
    {
        using var response = await http.PostAsync($"{TestWhisk.Api}/actions/sleep", Json(new { ms = milliseconds }));
        return response.Headers.GetValues("x-openwhisk-activation-id").Single();
    }

    private static StringContent Json(object value) => new(JsonSerializer.Serialize(value), System.Text.Encoding.UTF8, "application/json");

    [Fact]
    public async Task Torn_and_damaged_lines_cost_no_more_than_themselves()
    {
        string first, second;
        await using (var whisk = await StartAsync())
        {
            await whisk.DeployAsync("echo", Sources.Echo);
            first = (await whisk.CallAsync("echo")).ActivationId!;
            await whisk.RecordAsync(first);
        }
        await File.AppendAllTextAsync(Assert.Single(RecordFiles()), "not a record\n{\"activationId\":\"");
        await File.AppendAllTextAsync(Path.Combine(_directory, "activations", "accepted.jsonl"), "not an id\n{\"activ");
        await using (var whisk = await StartAsync())
        {
            second = (await whisk.CallAsync("echo")).ActivationId!;
            await whisk.RecordAsync(second);
        }
        await using (var whisk = await StartAsync())
        {
            Assert.Equal([second, first], (await whisk.GetAsync($"{TestWhisk.Api}/activations")).Json.EnumerateArray().Select(a => a.GetProperty("activationId").GetString()));
            Assert.Equal(first, (await whisk.RecordAsync(first)).GetProperty("activationId").GetString());
        }
    }

    [Fact]
    public async Task A_damaged_action_is_named_at_the_start()
    {
        await using (var whisk = await StartAsync())
            await whisk.DeployAsync("echo", Sources.Echo);
        var file = Assert.Single(Directory.GetFiles(Path.Combine(_directory, "actions")));
        await File.WriteAllTextAsync(file, "{");
        var exception = await Assert.ThrowsAsync<LocalWhiskException>(StartAsync);
        Assert.Contains(file, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Old_records_make_room_for_new_ones()
    {
        await using (var whisk = await TestWhisk.StartAsync(o => o with { MaxRecords = 30 }, _directory))
        {
            await whisk.DeployAsync("echo", Sources.Echo);
            var ids = new List<string>();
            for (var i = 0; i < 100; i++)
            {
                ids.Add((await whisk.CallAsync("echo")).ActivationId!);
                await whisk.RecordAsync(ids[^1]);
            }
            var kept = (await whisk.GetAsync($"{TestWhisk.Api}/activations?limit=0")).Json.EnumerateArray().Select(a => a.GetProperty("activationId").GetString()!).ToList();
            Assert.InRange(kept.Count, 27, 30);
            Assert.Equal(Enumerable.Reverse(ids).Take(kept.Count), kept);
            Assert.Equal(404, (await whisk.GetAsync($"{TestWhisk.Api}/activations/{ids[0]}")).Status);
        }
        await using (var whisk = await TestWhisk.StartAsync(o => o with { MaxRecords = 10 }, _directory))
        {
            var kept = (await whisk.GetAsync($"{TestWhisk.Api}/activations?limit=0")).Json;
            Assert.InRange(kept.GetArrayLength(), 7, 10);
            // None that had finished reads as cut short because its record went.
            Assert.All(kept.EnumerateArray(), a => Assert.Equal(0, a.GetProperty("statusCode").GetInt32()));
        }
    }

    [Fact]
    public void Records_are_bounded_in_bytes_too()
    {
        using var log = new RecordLog(_directory, maxRecords: 1000, maxBytes: 10_000);
        for (var i = 0; i < 100; i++)
        {
            log.Append(Guid.NewGuid(), "a", i + 1, new byte[500]);
            log.DropOldest();
        }
        Assert.InRange(log.NewestFirst.Count, 15, 20);
        Assert.InRange(Directory.GetFiles(_directory, "records-*").Sum(f => new FileInfo(f).Length), 7000, 10_000);
    }

    [Fact]
    public async Task A_full_disk_refuses_calls_and_ends_nothing()
    {
        // Files of more than 50 KiB cannot be written; the runtime's own double mapping of code would be one.
        using var server = await ServerProcess.StartAsync(_directory, "trap '' XFSZ; ulimit -f 100; export DOTNET_EnableWriteXorExecute=0");
        using var put = await server.Http.PutAsync($"{TestWhisk.Api}/actions/echo", Json(new { exec = new { kind = "python:3", code = Sources.Echo } }));
        Assert.Equal(200, (int)put.StatusCode);
        Reply? reply = null;
        for (var i = 0; i < 1000 && reply is not { Status: 500 }; i++)
        {
            using var response = await server.Http.PostAsync($"{TestWhisk.Api}/actions/echo?blocking=true", Json(new { i }));
            reply = await Reply.ReadAsync(response);
            Assert.Contains(reply.Status, (int[])[200, 500]);
        }
        reply!.IsRefusal(500, "The data directory cannot be written to");
        using var large = await server.Http.PutAsync($"{TestWhisk.Api}/actions/large", Json(new { exec = new { kind = "python:3", code = new string('#', 60_000) } }));
        (await Reply.ReadAsync(large)).IsRefusal(500, "The data directory cannot be written to");
        Assert.Equal(404, (int)(await server.Http.GetAsync($"{TestWhisk.Api}/actions/large")).StatusCode);
        Assert.Equal(200, (int)(await server.Http.GetAsync($"{TestWhisk.Api}/activations")).StatusCode);
        await server.KillAsync();
    }
}
