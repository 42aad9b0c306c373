using System.Text.Json;
using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests;

/// <summary>Section 8.2 of the reference: actions created, read, updated, deleted.</summary>
public sealed class ActionTests(SharedWhisk shared)
{
    private readonly TestWhisk _whisk = shared.Whisk;

    private static string Annotation(JsonElement entity, string key) =>
        entity.GetProperty("annotations").EnumerateArray().Single(a => a.GetProperty("key").GetString() == key).GetProperty("value").ToString();

    private static bool HasAnnotation(JsonElement entity, string key) =>
        entity.GetProperty("annotations").EnumerateArray().Any(a => a.GetProperty("key").GetString() == key);

    private Task<Reply> PutPythonAsync(string name, string query = "", string more = "\"publish\":false") =>
        _whisk.PutActionAsync(name, $$"""{"exec":{"kind":"python:3","code":"def main(args):\n    return args"},{{more}}}""", query);

    [Fact]
    public async Task A_new_action_is_answered_in_full()
    {
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var reply = await PutPythonAsync("new-full");
        Assert.Equal(200, reply.Status);
        var action = reply.Json;
        Assert.Equal("guest", action.GetProperty("namespace").GetString());
        Assert.Equal("new-full", action.GetProperty("name").GetString());
        Assert.Equal("0.0.1", action.GetProperty("version").GetString());
        Assert.False(action.GetProperty("publish").GetBoolean());
        Assert.InRange(action.GetProperty("updated").GetInt64(), before, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        Assert.Equal("""{"timeout":60000,"memory":256,"logs":10,"concurrency":1}""", action.GetProperty("limits").GetRawText());
        Assert.Equal("[]", action.GetProperty("parameters").GetRawText());
        Assert.Equal("def main(args):\n    return args", action.GetProperty("exec").GetProperty("code").GetString());
        Assert.False(action.GetProperty("exec").GetProperty("binary").GetBoolean());
        Assert.Equal("False", Annotation(action, "provide-api-key"));
        Assert.Equal(action.GetProperty("exec").GetProperty("kind").GetString(), Annotation(action, "exec"));
    }

    [Fact]
    public async Task A_second_put_needs_overwrite()
    {
        await PutPythonAsync("twice");
        (await PutPythonAsync("twice")).IsRefusal(409, "resource already exists");
        (await PutPythonAsync("twice", "?overwrite=false")).IsRefusal(409, "resource already exists");
        Assert.Equal("0.0.2", (await PutPythonAsync("twice", "?overwrite=true")).Json.GetProperty("version").GetString());
    }

    [Fact]
    public async Task An_update_keeps_what_it_does_not_name()
    {
        await PutPythonAsync("merged", more: """ "limits":{"memory":512,"logs":1},"parameters":[{"key":"a","value":1}],"publish":true """);
        var updated = (await _whisk.PutActionAsync("merged", """{"limits":{"timeout":1000}}""", "?overwrite=true")).Json;
        Assert.Equal("""{"timeout":1000,"memory":512,"logs":1,"concurrency":1}""", updated.GetProperty("limits").GetRawText());
        Assert.Equal("0.0.2", updated.GetProperty("version").GetString());
        Assert.True(updated.GetProperty("publish").GetBoolean());
        Assert.Equal("""[{"key":"a","value":1}]""", updated.GetProperty("parameters").GetRawText());
        Assert.Contains("return args", updated.GetProperty("exec").GetProperty("code").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parameters_of_an_update_replace_all()
    {
        await PutPythonAsync("replaced", more: """ "parameters":[{"key":"a","value":1}] """);
        var updated = (await _whisk.PutActionAsync("replaced", """{"parameters":[{"key":"b","value":{"x":[1, 2.50]}}]}""", "?overwrite=true")).Json;
        Assert.Equal("""[{"key":"b","value":{"x":[1,2.50]}}]""", updated.GetProperty("parameters").GetRawText());
    }

    [Fact]
    public async Task Annotations_of_an_update_add_override_and_remove()
    {
        await PutPythonAsync("annotated", more: """ "annotations":[{"key":"a","value":1},{"key":"b","value":2},{"key":"exec","value":"lie"}] """);
        var updated = (await _whisk.PutActionAsync("annotated", """{"annotations":[{"key":"b","value":3},{"key":"c","value":4}],"delAnnotations":["a","provide-api-key"]}""", "?overwrite=true")).Json;
        Assert.Equal(("3", "4"), (Annotation(updated, "b"), Annotation(updated, "c")));
        Assert.False(HasAnnotation(updated, "a"));
        Assert.False(HasAnnotation(updated, "provide-api-key"));
        Assert.StartsWith("python:3.", Annotation(updated, "exec"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_can_be_set_and_counts_on()
    {
        await PutPythonAsync("versioned");
        Assert.Equal("1.2.3", (await PutPythonAsync("versioned", "?overwrite=true", """ "version":"1.2.3" """)).Json.GetProperty("version").GetString());
        Assert.Equal("1.2.4", (await PutPythonAsync("versioned", "?overwrite=true")).Json.GetProperty("version").GetString());
        (await PutPythonAsync("versioned", "?overwrite=true", """ "version":"x" """)).IsRefusal(400, "The request content was malformed:\n");
    }

    [Fact]
    public async Task Delete_answers_the_entity_and_starts_the_version_again()
    {
        await PutPythonAsync("deleted");
        await PutPythonAsync("deleted", "?overwrite=true");
        var gone = await _whisk.SendAsync(HttpMethod.Delete, $"{TestWhisk.Api}/actions/deleted");
        Assert.Equal(200, gone.Status);
        Assert.Contains("return args", gone.Json.GetProperty("exec").GetProperty("code").GetString(), StringComparison.Ordinal);
        (await _whisk.GetAsync($"{TestWhisk.Api}/actions/deleted")).IsRefusal(404, "The requested resource does not exist.");
        Assert.Equal("0.0.1", (await PutPythonAsync("deleted")).Json.GetProperty("version").GetString());
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    [InlineData("POST")]
    public async Task A_missing_action_does_not_exist(string method) =>
        (await _whisk.SendAsync(new HttpMethod(method), $"{TestWhisk.Api}/actions/missing")).IsRefusal(404, "The requested resource does not exist.");

    [Fact]
    public async Task Code_is_left_out_on_request()
    {
        await _whisk.DeployAsync("codeless", Sources.Echo, main: "main");
        var exec = (await _whisk.GetAsync($"{TestWhisk.Api}/actions/codeless?code=false")).Json.GetProperty("exec");
        Assert.Equal(["kind", "main", "binary"], exec.EnumerateObject().Select(p => p.Name));
        Assert.True((await _whisk.GetAsync($"{TestWhisk.Api}/actions/codeless")).Json.GetProperty("exec").TryGetProperty("code", out _));
    }

    [Theory]
    [InlineData("python:default", "python:3.")]
    [InlineData("python:3", "python:3.")]
    [InlineData("python:3.9", "python:3.")]
    [InlineData(" PYTHON:3 ", "python:3.")]
    [InlineData("nodejs:default", "nodejs:")]
    [InlineData("nodejs:20", "nodejs:")]
    public async Task A_kind_is_stored_as_the_version_there_is(string asked, string expected)
    {
        var action = (await _whisk.PutActionAsync("kind", $$"""{"exec":{"kind":"{{asked}}","code":"x"} }""", "?overwrite=true")).Json;
        var kind = action.GetProperty("exec").GetProperty("kind").GetString()!;
        Assert.StartsWith(expected, kind, StringComparison.Ordinal);
        Assert.Matches(@":\d+(\.\d+)?$", kind);
        Assert.Equal(kind, Annotation(action, "exec"));
    }

    [Theory]
    [InlineData("nope:1")]
    [InlineData("python:2")]
    [InlineData("python:3x")]
    [InlineData("nodejs:x")]
    [InlineData("python")]
    public async Task An_unknown_kind_is_refused_with_the_known_ones(string kind)
    {
        var reply = await _whisk.PutActionAsync("unknown-kind", $$"""{"exec":{"kind":"{{kind}}","code":"x"} }""");
        reply.IsRefusal(400, $"The request content was malformed:\nThe specified runtime '{kind}' is not supported by this platform. Valid values are: '");
        Assert.Contains("'nodejs:default'", reply.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "exec undefined")]
    [InlineData("{", "The request content was malformed:\n")]
    [InlineData("[]", "The request content was malformed:\nJSON object expected")]
    [InlineData("""{"exec":{"kind":"python:3","code":"x"},"parameters":{"a":1}}""", "The request content was malformed:\n")]
    [InlineData("""{"exec":{"kind":"python:3","code":"x"},"annotations":{"a":1}}""", "The request content was malformed:\n")]
    [InlineData("""{"exec":{"kind":"python:3","code":"x"},"parameters":[{"value":1}]}""", "The request content was malformed:\n")]
    [InlineData("""{"exec":{"kind":"python:3"}}""", "The request content was malformed:\n'code' must be a string")]
    [InlineData("""{"exec":{"code":"x"}}""", "The request content was malformed:\n'kind' must be a string")]
    [InlineData("""{"exec":{"kind":"python:3","code":"x"},"limits":{"timeout":"1"}}""", "time limit must be whole number")]
    [InlineData("""{"exec":{"kind":"python:3","code":"x"},"limits":{"memory":1.5}}""", "memory limit must be whole number")]
    [InlineData("""{"exec":{"kind":"python:3","code":"x"},"limits":{"timeout":99}}""", "duration 99 milliseconds below allowed threshold of 100 milliseconds")]
    [InlineData("""{"exec":{"kind":"python:3","code":"x"},"limits":{"timeout":3600001}}""", "duration 3600001 milliseconds exceeds allowed threshold of 3600000 milliseconds")]
    [InlineData("""{"exec":{"kind":"python:3","code":"x"},"limits":{"memory":127}}""", "memory size 127 MB below allowed threshold of 128 MB")]
    [InlineData("""{"exec":{"kind":"python:3","code":"x"},"limits":{"memory":8193}}""", "memory size 8193 MB exceeds allowed threshold of 8192 MB")]
    [InlineData("""{"exec":{"kind":"python:3","code":"x"},"limits":{"logs":11}}""", "log size 11 MB exceeds allowed threshold of 10 MB")]
    [InlineData("""{"exec":{"kind":"python:3","code":"x"},"limits":{"concurrency":2}}""", "concurrency 2 exceeds allowed threshold of 1")]
    public async Task A_bad_body_is_refused_and_stores_nothing(string body, string error)
    {
        (await _whisk.PutActionAsync("bad-body", body)).IsRefusal(400, error);
        Assert.Equal(404, (await _whisk.GetAsync($"{TestWhisk.Api}/actions/bad-body")).Status);
    }

    [Fact]
    public async Task A_body_that_is_not_json_or_not_there_is_refused()
    {
        (await _whisk.SendAsync(HttpMethod.Put, $"{TestWhisk.Api}/actions/x", "{}", "text/plain")).IsRefusal(415, "application/json");
        (await _whisk.SendAsync(HttpMethod.Put, $"{TestWhisk.Api}/actions/x", "")).IsRefusal(400, "Request entity expected but not supplied");
    }

    [Fact]
    public async Task Binary_is_guessed_from_the_code_alone()
    {
        async Task<bool> IsBinary(string code) =>
            (await _whisk.PutActionAsync("guess", JsonSerializer.Serialize(new { exec = new { kind = "python:3", code, binary = false } }), "?overwrite=true"))
                .Json.GetProperty("exec").GetProperty("binary").GetBoolean();
        Assert.True(await IsBinary(Sources.Zip(("__main__.py", Sources.Echo))));
        Assert.True(await IsBinary("abcdefgh"));
        Assert.True(await IsBinary("  abcdefg=\n"));
        Assert.False(await IsBinary("abcdefghi"));
        Assert.False(await IsBinary("abc defg"));
        Assert.False(await IsBinary("    "));
    }

    [Fact]
    public async Task Too_large_parameters_annotations_and_code_are_refused()
    {
        await using var whisk = await TestWhisk.StartAsync(o => o with { MaxCodeBytes = 1000, MaxPayloadBytes = 2000 });
        var (code, value) = (new string('#', 1001), new string('v', 2000));
        (await whisk.PutActionAsync("a", $$"""{"exec":{"kind":"python:3","code":"{{code}}"} }""")).IsRefusal(413, "exec larger than allowed: 1001 > 1000 bytes.");
        // The key counts, and so do the quotes around the value.
        (await whisk.PutActionAsync("a", $$"""{"exec":{"kind":"python:3","code":"x"},"parameters":[{"key":"k","value":"{{value}}"}]}""")).IsRefusal(413, "parameters larger than allowed: 2003 > 2000 bytes.");
        (await whisk.PutActionAsync("a", $$"""{"exec":{"kind":"python:3","code":"x"},"annotations":[{"key":"k","value":"{{value}}"}]}""")).IsRefusal(413, "annotations larger than allowed: ");
        Assert.Equal(200, (await whisk.PutActionAsync("a", $$"""{"exec":{"kind":"python:3","code":"{{code[1..]}}"} }""")).Status);
    }

    [Fact]
    public async Task A_body_beyond_all_limits_is_refused()
    {
        var reply = await _whisk.PutActionAsync("huge", $$"""{"exec":{"kind":"python:3","code":"{{new string('#', 51 * 1024 * 1024)}}"} }""");
        reply.IsRefusal(413, "larger than allowed");
    }

    [Fact]
    public async Task Lists_are_paged_newest_first_and_show_no_code()
    {
        await using var whisk = await TestWhisk.StartAsync();
        for (var i = 0; i < 35; i++)
            await whisk.DeployAsync($"a{i:D2}", Sources.Echo);
        await whisk.PutActionAsync("a07", "{}", "?overwrite=true");

        async Task<JsonElement[]> List(string query = "") => [.. (await whisk.GetAsync($"{TestWhisk.Api}/actions{query}")).Json.EnumerateArray()];
        var first = await List();
        Assert.Equal(30, first.Length);
        Assert.Equal("a07", first[0].GetProperty("name").GetString());
        Assert.Equal(first.Select(a => a.GetProperty("updated").GetInt64()).OrderDescending(), first.Select(a => a.GetProperty("updated").GetInt64()));
        Assert.Equal(
            ["annotations", "exec", "limits", "name", "namespace", "publish", "updated", "version"],
            first[0].EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Equal("""{"binary":false}""", first[0].GetProperty("exec").GetRawText());
        Assert.Equal(5, (await List("?skip=30")).Length);
        Assert.Equal(35, (await List("?limit=0")).Length);
        Assert.Equal(2, (await List("?limit=2")).Length);
        Assert.Equal("""{"actions":35}""", (await whisk.GetAsync($"{TestWhisk.Api}/actions?count=true")).Text);
        Assert.Equal("""{"actions":5}""", (await whisk.GetAsync($"{TestWhisk.Api}/actions?count=true&skip=30")).Text);
    }

    [Theory]
    [InlineData("limit=201", "The query parameter 'limit' was malformed:\nThe value '201' is not in the range of 0 to 200 for actions.")]
    [InlineData("limit=-1", "The value '-1' is not in the range of 0 to 200 for actions.")]
    [InlineData("limit=x", "The value 'x' is not an integer for actions.")]
    [InlineData("skip=-1", "The query parameter 'skip' was malformed:\nThe value '-1' is not greater than or equal to 0 for actions.")]
    public async Task Bad_list_parameters_are_refused(string query, string error) =>
        (await _whisk.GetAsync($"{TestWhisk.Api}/actions?{query}")).IsRefusal(400, error);
}
