using System.Text;
using System.Text.Json;
using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests;

/// <summary>Section 8.3 of the reference: what callers of an action see.</summary>
public sealed class InvokeTests(SharedWhisk shared)
{
    private readonly TestWhisk _whisk = shared.Whisk;

    [Theory]
    [InlineData("")]
    [InlineData("?result=true")]
    [InlineData("?blocking=false&timeout=5")]
    public async Task Without_blocking_the_id_is_answered(string query)
    {
        var reply = await _whisk.CallAsync("echo", """{"a":1}""", query);
        Assert.Equal(202, reply.Status);
        Assert.Matches("^[0-9a-f]{32}$", reply.ActivationId);
        Assert.Equal($$"""{"activationId":"{{reply.ActivationId}}"}""", reply.Text);
        var record = await _whisk.RecordAsync(reply.ActivationId!);
        Assert.Equal("""{"a":1}""", record.GetProperty("response").GetProperty("result").GetRawText());
    }

    [Fact]
    public async Task A_call_needs_no_body()
    {
        Assert.Equal("{}", (await _whisk.CallAsync("echo", null, "?blocking=true&result=true")).Text);
        Assert.Equal("{}", (await _whisk.CallAsync("echo", "", "?blocking=true&result=true")).Text);
    }

    [Theory]
    [InlineData("{}", "text/plain", 415, "application/json")]
    [InlineData("", "text/plain", 415, "application/json")]
    [InlineData("[1]", "application/json", 400, "The request content was malformed:\nJSON object expected")]
    [InlineData("\"x\"", "application/json", 400, "The request content was malformed:\nJSON object expected")]
    [InlineData("null", "application/json", 400, "The request content was malformed:\nJSON object expected")]
    [InlineData("{\"a\":}", "application/json", 400, "The request content was malformed:\n")]
    [InlineData("{} x", "application/json", 400, "The request content was malformed:\n")]
    public async Task Other_bodies_are_refused(string body, string type, int status, string error) =>
        (await _whisk.SendAsync(HttpMethod.Post, $"{TestWhisk.Api}/actions/echo", body, type)).IsRefusal(status, error);

    [Fact]
    public async Task Text_that_is_not_utf8_is_refused()
    {
        using var content = new ByteArrayContent([(byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}']);
        content.Headers.ContentType = new("application/json");
        using var response = await _whisk.Http.PostAsync($"{TestWhisk.Api}/actions/echo", content);
        (await Reply.ReadAsync(response)).IsRefusal(400, "The request content was malformed:\n");
    }

    [Fact]
    public async Task A_blocking_success_is_the_full_record_without_logs()
    {
        await _whisk.DeployAsync("full-record", "def main(args):\n    print('hello')\n    return args\n");
        var reply = await _whisk.CallAsync("full-record", """{"a":1}""");
        Assert.Equal(200, reply.Status);
        Assert.Equal(reply.ActivationId, reply.Json.GetProperty("activationId").GetString());
        Assert.Equal("""{"status":"success","success":true,"result":{"a":1},"size":8}""", reply.Json.GetProperty("response").GetRawText());
        Assert.Equal("[]", reply.Json.GetProperty("logs").GetRawText());
        Assert.Single(await _whisk.LogsAsync(reply.ActivationId!));
    }

    [Fact]
    public async Task With_result_there_is_the_result_alone()
    {
        var reply = await _whisk.CallAsync("echo", """{ "a" : [1, 2.50, "x y"] }""", "?blocking=true&result=true");
        Assert.Equal((200, """{"a":[1,2.5,"x y"]}"""), (reply.Status, reply.Text));
        Assert.NotNull(reply.ActivationId);
    }

    [Fact]
    public async Task An_application_error_is_502_with_the_error_alone()
    {
        await _whisk.DeployAsync("appfail", "def main(args):\n    return {'error': args.get('e', 'boom'), 'detail': 1}\n");
        var full = await _whisk.CallAsync("appfail");
        Assert.Equal(502, full.Status);
        Assert.Equal("application error", full.Json.GetProperty("response").GetProperty("status").GetString());
        Assert.False(full.Json.GetProperty("response").GetProperty("success").GetBoolean());
        Assert.Equal("""{"error":"boom"}""", full.Json.GetProperty("response").GetProperty("result").GetRawText());
        var result = await _whisk.CallAsync("appfail", query: "?blocking=true&result=true");
        Assert.Equal((502, """{"error":"boom"}"""), (result.Status, result.Text));
        Assert.NotNull(result.ActivationId);
        Assert.Equal("""{"error":{"code":[1,2]}}""", (await _whisk.CallAsync("appfail", """{"e":{"code":[1,2]}}""", "?blocking=true&result=true")).Text);
        Assert.Equal("""{"error":null}""", (await _whisk.CallAsync("appfail", """{"e":null}""", "?blocking=true&result=true")).Text);
    }

    [Fact]
    public async Task An_array_comes_bare_and_is_recorded_all_the_same()
    {
        await _whisk.DeployAsync("arr", "def main(args):\n    return [1, 2]\n");
        var reply = await _whisk.CallAsync("arr");
        Assert.Equal((200, "[1,2]"), (reply.Status, reply.Text));
        var record = await _whisk.RecordAsync(reply.ActivationId!);
        Assert.Equal("[1,2]", record.GetProperty("response").GetProperty("result").GetRawText());
    }

    [Fact]
    public async Task A_client_that_waits_less_than_the_action_takes_gets_the_id()
    {
        var reply = await _whisk.CallAsync("sleep", """{"ms":2500}""", "?blocking=true&timeout=300");
        Assert.Equal(202, reply.Status);
        Assert.Equal($$"""{"activationId":"{{reply.ActivationId}}"}""", reply.Text);

        // No record: the answer came before the action's end.
        (await _whisk.GetAsync($"{TestWhisk.Api}/activations/{reply.ActivationId}")).IsRefusal(404, "The requested resource does not exist.");
        var record = await _whisk.RecordAsync(reply.ActivationId!);
        Assert.True(record.GetProperty("response").GetProperty("success").GetBoolean());
        Assert.InRange(record.GetProperty("duration").GetInt64(), 2490, 20_000);
    }

    [Fact]
    public async Task No_client_waits_longer_than_the_server_lets_it()
    {
        await using var whisk = await TestWhisk.StartAsync(o => o with { MaxBlockingWait = TimeSpan.FromMilliseconds(400) });
        await whisk.DeployAsync("sleep", Sources.Sleep);
        Assert.Equal(202, (await whisk.CallAsync("sleep", """{"ms":20000}""")).Status);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("60001")]
    [InlineData("-5")]
    [InlineData("soon")]
    public async Task A_bad_wait_is_refused(string timeout) =>
        (await _whisk.CallAsync("echo", query: $"?blocking=true&timeout={timeout}"))
            .IsRefusal(400, "The query parameter 'timeout' was malformed:\nTimeout must be number of milliseconds up to 60000.");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_a_megabyte_is_too_large_even_for_an_action_that_is_not_there(bool tellsLength)
    {
        var json = $$"""{"a":"{{new string('x', 1024 * 1024)}}"}""";
        var reply = await _whisk.SendAsync(HttpMethod.Post, $"{TestWhisk.Api}/actions/missing", json, change: r => r.Headers.TransferEncodingChunked = !tellsLength);
        reply.IsRefusal(413, "Request larger than allowed: 10485");
        Assert.EndsWith(" > 1048576 bytes.", reply.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nine_hundred_kibibytes_go_through_and_back()
    {
        var text = new string('é', 450 * 1024);
        var reply = await _whisk.CallAsync("echo", $$"""{"a":"{{text}}"}""");
        Assert.Equal(200, reply.Status);
        Assert.Equal(text, reply.Json.GetProperty("response").GetProperty("result").GetProperty("a").GetString());
        var record = await _whisk.RecordAsync(reply.ActivationId!);
        Assert.Equal(text, record.GetProperty("response").GetProperty("result").GetProperty("a").GetString());
    }

    [Fact]
    public async Task A_longer_result_is_cut_and_an_application_error_and_the_process_lives()
    {
        await _whisk.DeployAsync("long", "import os\ndef main(args):\n    return {'pid': os.getpid(), 'a': 'x' * args['n']}\n");
        var pid = (await _whisk.CallAsync("long", """{"n":1}""")).Json.GetProperty("response").GetProperty("result").GetProperty("pid").GetInt32();
        var reply = await _whisk.CallAsync("long", """{"n":3000000}""");
        Assert.Equal(502, reply.Status);
        var response = reply.Json.GetProperty("response");
        Assert.Equal("application error", response.GetProperty("status").GetString());
        var size = response.GetProperty("size").GetInt32();
        Assert.InRange(size, 3_000_000, 3_000_100);
        var error = response.GetProperty("result").GetProperty("error").GetString()!;
        var head = $"The action produced a response that exceeded the allowed length: {size} > 1048576 bytes. The truncated response was: ";
        Assert.StartsWith($$"""{{head}}{"pid": {{pid}}, "a": "xxx""", error, StringComparison.Ordinal);
        Assert.Equal(head.Length + (1024 * 1024), error.Length);
        Assert.Equal(pid, (await _whisk.CallAsync("long", """{"n":1}""")).Json.GetProperty("response").GetProperty("result").GetProperty("pid").GetInt32());
    }

    [Fact]
    public async Task Stored_parameters_are_overlaid_by_the_body()
    {
        await _whisk.DeployAsync("params", Sources.Echo, more: """ "parameters":[{"key":"y","value":2},{"key":"z","value":{"deep":2}},{"key":"i","value":3,"init":true}] """);
        var reply = await _whisk.CallAsync("params", """{"z":{"other":3},"w":null}""", "?blocking=true&result=true");
        Assert.Equal("""{"y":2,"z":{"other":3},"w":null}""", reply.Text);
        Assert.Equal("""{"y":2,"z":{"deep":2}}""", (await _whisk.CallAsync("params", null, "?blocking=true&result=true")).Text);
    }

    [Fact]
    public async Task Final_parameters_cannot_be_sent()
    {
        await _whisk.DeployAsync("final", Sources.Echo, more: """ "annotations":[{"key":"final","value":true}],"parameters":[{"key":"k","value":1},{"key":"open","value":null}] """);
        (await _whisk.CallAsync("final", """{"k":2}""")).IsRefusal(400, "Request defines parameters that are not allowed (e.g., reserved properties).");
        Assert.Equal("""{"k":1,"open":5}""", (await _whisk.CallAsync("final", """{"open":5}""", "?blocking=true&result=true")).Text);
    }

    [Fact]
    public async Task Ids_are_unique_and_calls_beyond_the_bound_are_refused()
    {
        await using var whisk = await TestWhisk.StartAsync(o => o with { MaxInFlight = 3 });
        await whisk.DeployAsync("sleep", Sources.Sleep);
        var ids = new HashSet<string>();
        for (var i = 0; i < 3; i++)
            Assert.True(ids.Add((await whisk.CallAsync("sleep", """{"ms":1000}""", "")).ActivationId!));
        (await whisk.CallAsync("sleep", """{"ms":0}""", "")).IsRefusal(429, "Too many concurrent requests in flight (count: 3, allowed: 3).");
        foreach (var id in ids)
            await whisk.RecordAsync(id);
        await Eventually.TrueAsync(async () => (await whisk.CallAsync("sleep", """{"ms":0}""")).Status == 200, "room for another call");
    }

    [Fact]
    public async Task A_queued_call_of_a_deleted_action_is_an_application_error()
    {
        await using var whisk = await TestWhisk.StartAsync(o => o with { MaxProcesses = 1 });
        await whisk.DeployAsync("doomed", Sources.Sleep);
        var first = await whisk.CallAsync("doomed", """{"ms":800}""", "");
        var second = await whisk.CallAsync("doomed", """{"ms":0}""", "");
        await whisk.SendAsync(HttpMethod.Delete, $"{TestWhisk.Api}/actions/doomed");
        Assert.True((await whisk.RecordAsync(first.ActivationId!)).GetProperty("response").GetProperty("success").GetBoolean());
        var response = (await whisk.RecordAsync(second.ActivationId!)).GetProperty("response");
        Assert.Equal("application error", response.GetProperty("status").GetString());
        Assert.Equal("Action could not be found or may have been deleted.", response.GetProperty("result").GetProperty("error").GetString());
    }

    [Fact]
    public async Task An_update_is_what_the_next_call_runs()
    {
        for (var i = 0; i < 5; i++)
        {
            await _whisk.DeployAsync("updated", $"def main(args):\n    return {{'v': {i}}}\n");
            var reply = await _whisk.CallAsync("updated");
            Assert.Equal(i, reply.Json.GetProperty("response").GetProperty("result").GetProperty("v").GetInt32());
            Assert.Equal($"0.0.{i + 1}", reply.Json.GetProperty("version").GetString());
        }
    }

    [Fact]
    public async Task Unicode_goes_through_arguments_result_logs_and_code()
    {
        const string text = "Grüße, 世界 🎬 \u2028 \\ \" \u0001";
        await _whisk.DeployAsync("unicode", "def main(args):\n    print('žluťoučký ' + args['t'].replace(chr(1), ''))\n    return {'t': args['t'], 'c': 'ß🎬'}\n");
        var reply = await _whisk.CallAsync("unicode", JsonSerializer.Serialize(new { t = text }));
        var result = reply.Json.GetProperty("response").GetProperty("result");
        Assert.Equal((text, "ß🎬"), (result.GetProperty("t").GetString(), result.GetProperty("c").GetString()));
        Assert.EndsWith("stdout: žluťoučký Grüße, 世界 🎬 \u2028 \\ \" ", Assert.Single(await _whisk.LogsAsync(reply.ActivationId!)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deep_json_goes_through()
    {
        var deep = new StringBuilder().Insert(0, "[", 300).Append(']', 300);
        var json = $$"""{"a":{{deep}}}""";
        Assert.Equal(json, (await _whisk.CallAsync("echo", json, "?blocking=true&result=true")).Text);
    }
}
