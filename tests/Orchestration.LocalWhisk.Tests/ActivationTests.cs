using System.Text.Json;
using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests;

/// <summary>Section 8.4 of the reference: records of activations.</summary>
public sealed class ActivationTests(SharedWhisk shared)
{
    private readonly TestWhisk _whisk = shared.Whisk;

    private static JsonElement? Annotation(JsonElement record, string key) =>
        record.GetProperty("annotations").EnumerateArray().Where(a => a.GetProperty("key").GetString() == key).Select(a => (JsonElement?)a.GetProperty("value")).SingleOrDefault();

    [Fact]
    public async Task Before_its_end_an_activation_is_as_unknown_as_one_that_never_was()
    {
        var id = (await _whisk.CallAsync("sleep", """{"ms":500}""", "")).ActivationId;
        var running = (await _whisk.GetAsync($"{TestWhisk.Api}/activations/{id}")).IsRefusal(404, "The requested resource does not exist.");
        var unknown = (await _whisk.GetAsync($"{TestWhisk.Api}/activations/0123456789abcdef0123456789abcdef")).IsRefusal(404, "The requested resource does not exist.");
        Assert.Equal(running.Json.EnumerateObject().Select(p => p.Name), unknown.Json.EnumerateObject().Select(p => p.Name));
        Assert.Equal(id, (await _whisk.RecordAsync(id!)).GetProperty("activationId").GetString());
    }

    [Fact]
    public async Task A_record_has_all_its_fields_and_init_time_once()
    {
        await using var whisk = await TestWhisk.StartAsync();
        await whisk.DeployAsync("fields", "import time\ntime.sleep(0.05)\ndef main(args):\n    time.sleep(0.1)\n    return {'n': 42}\n", more: """ "limits":{"timeout":30000,"memory":256,"logs":1} """);
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var cold = await whisk.RecordAsync((await whisk.CallAsync("fields")).ActivationId!);
        var warm = await whisk.RecordAsync((await whisk.CallAsync("fields")).ActivationId!);
        Assert.Equal(
            ["activationId", "annotations", "duration", "end", "logs", "name", "namespace", "publish", "response", "start", "subject", "version"],
            cold.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Equal(("guest", "guest", "fields", "0.0.1"), (cold.GetProperty("namespace").GetString(), cold.GetProperty("subject").GetString(), cold.GetProperty("name").GetString(), cold.GetProperty("version").GetString()));
        Assert.False(cold.GetProperty("publish").GetBoolean());
        var (start, end) = (cold.GetProperty("start").GetInt64(), cold.GetProperty("end").GetInt64());
        Assert.InRange(start, before, end);
        Assert.Equal(end - start, cold.GetProperty("duration").GetInt64());
        Assert.Equal("""{"status":"success","success":true,"result":{"n":42},"size":9}""", cold.GetProperty("response").GetRawText());
        Assert.Equal("guest/fields", Annotation(cold, "path")!.Value.GetString());
        Assert.StartsWith("python:3.", Annotation(cold, "kind")!.Value.GetString(), StringComparison.Ordinal);
        Assert.Equal("""{"timeout":30000,"memory":256,"logs":1,"concurrency":1}""", Annotation(cold, "limits")!.Value.GetRawText());
        Assert.False(Annotation(cold, "timeout")!.Value.GetBoolean());
        Assert.InRange(Annotation(cold, "waitTime")!.Value.GetInt64(), 0, 30_000);
        Assert.InRange(Annotation(cold, "initTime")!.Value.GetInt64(), 50, cold.GetProperty("duration").GetInt64() - 90);
        Assert.Null(Annotation(warm, "initTime"));
    }

    [Fact]
    public async Task Result_and_logs_have_places_of_their_own()
    {
        var id = (await _whisk.CallAsync("echo", """{"a":1}""")).ActivationId!;
        var record = await _whisk.RecordAsync(id);
        var path = $"{TestWhisk.Api}/activations/{id}";
        Assert.Equal(record.GetProperty("response").GetRawText(), (await _whisk.GetAsync(path + "/result")).Text);
        Assert.Equal("""{"logs":[]}""", (await _whisk.GetAsync(path + "/logs")).Text);
        Assert.Equal(200, (await _whisk.GetAsync(path + "/")).Status);
        (await _whisk.GetAsync(path + "/x")).IsRefusal(404, "The requested resource could not be found.");
        (await _whisk.GetAsync($"{TestWhisk.Api}/activations/{new string('0', 32)}/logs")).IsRefusal(404, "does not exist");
    }

    [Theory]
    [InlineData("abc", "Activation id length is 3 but must be 32.")]
    [InlineData("0123456789ABCDEF0123456789abcdef", "The activation id is not valid.")]
    [InlineData("0123456789abcdef0123456789abcdeg", "The activation id is not valid.")]
    public async Task A_bad_id_is_refused(string id, string error) =>
        (await _whisk.GetAsync($"{TestWhisk.Api}/activations/{id}")).IsRefusal(400, error);

    [Fact]
    public async Task With_a_record_delay_a_blocking_success_comes_before_its_record()
    {
        await using var whisk = await TestWhisk.StartAsync(o => o with { RecordDelay = TimeSpan.FromMilliseconds(500) });
        await whisk.DeployAsync("echo", Sources.Echo);
        var reply = await whisk.CallAsync("echo");
        Assert.Equal(200, reply.Status);
        Assert.Equal(404, (await whisk.GetAsync($"{TestWhisk.Api}/activations/{reply.ActivationId}")).Status);
        Assert.Equal("[]", (await whisk.GetAsync($"{TestWhisk.Api}/activations")).Text);
        await whisk.RecordAsync(reply.ActivationId!);
    }

    [Fact]
    public async Task Lists_are_newest_first_filtered_and_paged()
    {
        await using var whisk = await TestWhisk.StartAsync();
        await whisk.DeployAsync("echo", Sources.Echo);
        await whisk.DeployAsync("fail", "def main(args):\n    return {'error': 1}\n");
        await whisk.DeployAsync("die", "import os\ndef main(args):\n    os._exit(1)\n");
        var ids = new List<string>();
        foreach (var name in (string[])["echo", "fail", "die", "echo"])
        {
            ids.Add((await whisk.CallAsync(name)).ActivationId!);
            await whisk.RecordAsync(ids[^1]);
        }

        async Task<JsonElement[]> List(string query = "") => [.. (await whisk.GetAsync($"{TestWhisk.Api}/activations{query}")).Json.EnumerateArray()];
        static IEnumerable<string> Ids(IEnumerable<JsonElement> list) => list.Select(a => a.GetProperty("activationId").GetString()!);
        var all = await List();
        Assert.Equal(Enumerable.Reverse(ids), Ids(all));
        Assert.Equal([0, 2, 1, 0], all.Select(a => a.GetProperty("statusCode").GetInt32()));
        Assert.Equal(
            ["activationId", "annotations", "duration", "end", "name", "namespace", "publish", "start", "statusCode", "version"],
            all[0].EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        var full = (await List("?docs=true"))[0];
        Assert.Equal((await whisk.RecordAsync(ids[3])).GetRawText(), full.GetRawText());

        Assert.Equal([ids[3], ids[0]], Ids(await List("?name=echo")));
        Assert.Equal(4, (await List("?name=")).Length);
        Assert.Empty(await List("?name=p/echo"));
        Assert.Equal([ids[2]], Ids(await List("?skip=1&limit=1")));
        Assert.Equal(4, (await List("?limit=0")).Length);
        var (first, last) = (all[3].GetProperty("start").GetInt64(), all[0].GetProperty("start").GetInt64());
        Assert.Contains(ids[3], Ids(await List($"?since={last}")));
        Assert.DoesNotContain(ids[0], Ids(await List($"?since={first + 1}")));
        Assert.Contains(ids[0], Ids(await List($"?upto={first}")));
        Assert.DoesNotContain(ids[3], Ids(await List($"?upto={last - 1}")));
        Assert.Equal("""{"activations":4}""", (await whisk.GetAsync($"{TestWhisk.Api}/activations?count=true")).Text);
        Assert.Equal("""{"activations":1}""", (await whisk.GetAsync($"{TestWhisk.Api}/activations?count=true&name=echo&skip=1")).Text);
    }

    [Theory]
    [InlineData("since=x", "Parameter is not a valid value for epoch seconds: x")]
    [InlineData("upto=1.5", "Parameter is not a valid value for epoch seconds: 1.5")]
    [InlineData("name=a/b/c", "Parameter may be a 'simple' name or 'package-name/simple' name: a/b/c")]
    [InlineData("limit=201", "The value '201' is not in the range of 0 to 200 for activations.")]
    [InlineData("docs=true&count=true", "The parameter 'docs' is not permitted with 'count'.")]
    public async Task Bad_list_parameters_are_refused(string query, string error) =>
        (await _whisk.GetAsync($"{TestWhisk.Api}/activations?{query}")).IsRefusal(400, error);
}
