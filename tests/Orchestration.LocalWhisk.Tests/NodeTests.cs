using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests;

/// <summary>Section 5.5 of the reference: the contract of Node.js actions.</summary>
public sealed class NodeTests(SharedWhisk shared)
{
    private const string Kind = "nodejs:default";
    private readonly TestWhisk _whisk = shared.Whisk;

    private async Task<Reply> RunAsync(string code, string? main = null, string json = "{}", string query = "?blocking=true&result=true")
    {
        var name = $"js-{Guid.NewGuid():N}";
        await _whisk.DeployAsync(name, code, Kind, main);
        return await _whisk.CallAsync(name, json, query);
    }

    [Theory]
    [InlineData("function main(args) { return { n: args.n + 1 }; }", "main")]
    [InlineData("const main = args => ({ n: args.n + 1 });", "main")]
    [InlineData("async function main(args) { return { n: args.n + 1 }; }", "main")]
    [InlineData("function main(args) { return new Promise(r => setTimeout(() => r({ n: args.n + 1 }), 5)); }", "main")]
    [InlineData("exports.main = args => ({ n: args.n + 1 });", "main")]
    [InlineData("module.exports = { tools: { add: args => ({ n: args.n + 1 }) } };", "tools.add")]
    [InlineData("function other(args) { return { n: args.n + 1 }; } // last line is a comment", "other")]
    [InlineData("const os = require('os'); function main(args) { return os.EOL ? { n: args.n + 1 } : {}; }", "main")]
    public async Task Functions_are_found_however_they_are_written(string code, string main) =>
        Assert.Equal("""{"n":42}""", (await RunAsync(code, main, """{"n":41}""")).Text);

    [Theory]
    [InlineData("throw new Error('boom')", "action developer error", "\"An error has occurred: Error: boom\"")]
    [InlineData("return Promise.reject('no clip')", "application error", "\"no clip\"")]
    [InlineData("return Promise.reject({ code: 7 })", "application error", "{\"code\":7}")]
    [InlineData("return Promise.reject()", "application error", "{}")]
    [InlineData("return { error: 'asked for', more: 1 }", "application error", "\"asked for\"")]
    [InlineData("return 'text'", "action developer error", "\"The action did not return a dictionary.\"")]
    [InlineData("return 5", "action developer error", "\"The action did not return a dictionary.\"")]
    [InlineData("return null", "action developer error", "\"The action did not produce a valid JSON or JSON Array response: null\"")]
    [InlineData("return { n: 1n }", "action developer error", "\"An error has occurred: TypeError: Do not know how to serialize a BigInt\"")]
    [InlineData("process.exit(0)", "action developer error", "\"The action did not produce a valid response and exited unexpectedly.\"")]
    [InlineData("setTimeout(() => { throw new Error('late') }, 1); return new Promise(() => {})", "action developer error", "\"The action did not produce a valid response and exited unexpectedly.\"")]
    public async Task Failures_are_told_as_the_platform_tells_them(string statement, string status, string error)
    {
        var reply = await RunAsync($"function main(args) {{ {statement}; }}", query: "?blocking=true");
        Assert.Equal(502, reply.Status);
        var response = reply.Json.GetProperty("response");
        Assert.Equal(status, response.GetProperty("status").GetString());
        Assert.Equal(error, response.GetProperty("result").GetProperty("error").GetRawText());
    }

    [Fact]
    public async Task A_rejection_with_an_error_tells_name_message_and_stack()
    {
        var reply = await RunAsync("async function main(args) { throw Object.assign(new TypeError('late'), { code: 'E7' }); }");
        Assert.Equal(502, reply.Status);
        var error = reply.Json.GetProperty("error");
        Assert.Equal(("TypeError", "late", "E7"), (error.GetProperty("name").GetString(), error.GetProperty("message").GetString(), error.GetProperty("code").GetString()));
        Assert.Contains("index.js", error.GetProperty("stack").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_returned_is_an_empty_object() => Assert.Equal("{}", (await RunAsync("function main(args) { }")).Text);

    [Fact]
    public async Task An_array_is_a_success() => Assert.Equal("[1,{}]", (await RunAsync("function main(args) { return [1, {}]; }")).Text);

    [Theory]
    [InlineData("function main(args { }", "main", "Initialization has failed due to: SyntaxError: ")]
    [InlineData("throw new Error('at load')", "main", "Initialization has failed due to: Error: at load")]
    [InlineData("function main() { }", "other", "Initialization has failed due to: Error: Action entrypoint 'other' is not a function.")]
    [InlineData("process.exit(1)", "main", "The action did not initialize and exited unexpectedly.")]
    public async Task What_cannot_be_loaded_is_a_developer_error(string code, string main, string error)
    {
        var reply = await RunAsync(code, main, query: "?blocking=true");
        var response = reply.Json.GetProperty("response");
        Assert.Equal("action developer error", response.GetProperty("status").GetString());
        Assert.StartsWith(error, response.GetProperty("result").GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(await _whisk.LogsAsync(reply.ActivationId!));
    }

    [Fact]
    public async Task A_zip_is_a_package_or_an_index()
    {
        var package = Sources.Zip(
            ("package.json", """{"main":"lib/start.js"}"""), ("lib/start.js", "const { add } = require('./add'); exports.main = args => ({ n: add(args.n, 1) });"),
            ("lib/add.js", "exports.add = (a, b) => a + b;"));
        Assert.Equal("""{"n":42}""", (await RunAsync(package, json: """{"n":41}""")).Text);
        var index = Sources.Zip(("index.js", "exports.run = async args => ({ ok: require('node_thing') });"), ("node_modules/node_thing/index.js", "module.exports = 'module';"), ("tools.js", "exports.go = () => ({ tools: true });"));
        Assert.Equal("""{"ok":"module"}""", (await RunAsync(index, "run")).Text);
        Assert.Equal("""{"tools":true}""", (await RunAsync(index, "tools.go")).Text);
        var neither = (await RunAsync(Sources.Zip(("other.js", "x")))).Json.GetProperty("error").GetString();
        Assert.Equal("Initialization has failed due to: Error: Zipped actions must contain either package.json or index.js at the root.", neither);
    }

    [Fact]
    public async Task Logs_and_environment_are_there()
    {
        var reply = await RunAsync("function main(args) { console.log('out'); console.error('err'); process.stdout.write('no line end'); return { id: process.env.__OW_ACTIVATION_ID, home: process.env.HOME === process.cwd() }; }", query: "?blocking=true");
        var result = reply.Json.GetProperty("response").GetProperty("result");
        Assert.Equal(reply.ActivationId, result.GetProperty("id").GetString());
        Assert.True(result.GetProperty("home").GetBoolean());
        var logs = await _whisk.LogsAsync(reply.ActivationId!);
        Assert.Equal(["stderr: err", "stdout: no line end", "stdout: out"], logs.Select(l => l[31..]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_large_result_goes_through()
    {
        var reply = await RunAsync("function main(args) { return { a: 'ž'.repeat(500000) }; }");
        Assert.Equal(200, reply.Status);
        Assert.Equal(500_000, reply.Json.GetProperty("a").GetString()!.Length);
    }
}
