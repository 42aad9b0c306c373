using System.Text.Json;
using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests;

/// <summary>Sections 5.3, 5.4 and 8.5 of the reference: the contract of Python actions.</summary>
public sealed class PythonTests(SharedWhisk shared)
{
    private const string NotBuilt = "The action failed to generate or locate a binary. See logs for details.";
    private const string NotStarted = "Cannot start action. Check logs for details.";
    private readonly TestWhisk _whisk = shared.Whisk;

    private async Task<(string Status, string Error, IReadOnlyList<string> Logs)> FailAsync(string name, string code, string? main = null)
    {
        await _whisk.DeployAsync(name, code, main: main);
        var reply = await _whisk.CallAsync(name);
        Assert.Equal(502, reply.Status);
        var response = reply.Json.GetProperty("response");
        return (response.GetProperty("status").GetString()!, response.GetProperty("result").GetProperty("error").GetString()!, await _whisk.LogsAsync(reply.ActivationId!));
    }

    [Fact]
    public async Task An_exception_is_an_application_error_with_a_traceback_in_the_logs()
    {
        var (status, error, logs) = await FailAsync("py-throw", "def main(args):\n    raise ValueError('no such clip')\n");
        Assert.Equal(("application error", "no such clip"), (status, error));
        Assert.Contains(logs, l => l.EndsWith("stderr: Traceback (most recent call last):", StringComparison.Ordinal));
        Assert.EndsWith("stderr: ValueError: no such clip", logs[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("None", "The action did not produce a valid JSON or JSON Array response: null")]
    [InlineData("'text'", "The action did not return a dictionary or array.")]
    [InlineData("5", "The action did not return a dictionary or array.")]
    [InlineData("{'a': float('nan')}", "The action did not return a dictionary or array.")]
    [InlineData("{'a': object()}", "command exited")]
    [InlineData("__import__('sys').exit(0)", "command exited")]
    [InlineData("__import__('os')._exit(3)", "command exited")]
    [InlineData("__import__('os').kill(__import__('os').getpid(), 9)", "command exited")]
    public async Task What_is_no_dictionary_is_a_developer_error_and_the_next_call_works(string expression, string expected)
    {
        var name = $"py-bad-{Guid.NewGuid():N}";
        var (status, error, _) = await FailAsync(name, $"def main(args):\n    return {{'ok': 1}} if args else {expression}\n");
        Assert.Equal(("action developer error", expected), (status, error));
        Assert.Equal("""{"ok":1}""", (await _whisk.CallAsync(name, """{"a":1}""", "?blocking=true&result=true")).Text);
    }

    [Fact]
    public async Task An_unserialisable_result_is_explained_in_the_logs()
    {
        var (_, _, logs) = await FailAsync("py-object", "def main(args):\n    return {'a': object()}\n");
        Assert.Contains(logs, l => l.Contains("not JSON serializable", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("def main(args)\n    return {}\n", null, NotBuilt, "SyntaxError")]
    [InlineData("import no_such_module\ndef main(args):\n    return {}\n", null, NotStarted, "No module named 'no_such_module'")]
    [InlineData("def main(args):\n    return {}\n", "other", NotStarted, "other")]
    [InlineData("main = 5\n", null, NotStarted, "is not a function")]
    [InlineData("import sys\nprint('bye')\nsys.exit(1)\n", null, NotStarted, "bye")]
    [InlineData("import os\nos._exit(1)\n", null, NotStarted, "Log data might be missing")]
    [InlineData("   ", null, "Missing main/no code to execute.", "no code")]
    public async Task What_cannot_be_loaded_is_a_developer_error_with_the_reason_in_the_logs(string code, string? main, string expected, string reason)
    {
        var (status, error, logs) = await FailAsync($"py-init-{Guid.NewGuid():N}", code, main);
        Assert.Equal(("action developer error", expected), (status, error));
        Assert.Contains(logs, l => l.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Main_can_be_another_function_and_the_module_is_no_program()
    {
        await _whisk.DeployAsync("py-main", "if __name__ == '__main__':\n    raise SystemExit\ndef start(args):\n    return {'module': __name__}\n", main: "start");
        Assert.Equal("""{"module":"main__"}""", (await _whisk.CallAsync("py-main", query: "?blocking=true&result=true")).Text);
    }

    [Fact]
    public async Task A_zip_brings_helper_modules_and_data()
    {
        var zip = Sources.Zip(
            ("__main__.py", "import helper\nfrom package.inner import value\ndef run(args):\n    return {'a': helper.twice(args['n']), 'v': value, 'data': open('data/x.txt').read()}\n"),
            ("helper.py", "def twice(n):\n    return 2 * n\n"), ("package/__init__.py", ""), ("package/inner.py", "value = 7\n"), ("data/x.txt", "ž"));
        await _whisk.DeployAsync("py-zip", zip, main: "run");
        Assert.Equal("""{"a":42,"v":7,"data":"ž"}""", (await _whisk.CallAsync("py-zip", """{"n":21}""", "?blocking=true&result=true")).Text);
    }

    [Fact]
    public async Task A_zip_without_main_says_what_is_missing()
    {
        var (status, error, logs) = await FailAsync("py-zip-empty", Sources.Zip(("other.py", "x = 1")));
        Assert.Equal(("action developer error", NotBuilt), (status, error));
        Assert.Contains(logs, l => l.Contains("__main__.py", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Base64_that_is_no_archive_is_a_developer_error()
    {
        var (status, error, logs) = await FailAsync("py-no-zip", "abcdefgh");
        Assert.Equal(("action developer error", NotBuilt), (status, error));
        Assert.Contains(logs, l => l.Contains("neither source text nor a zip", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_virtualenv_in_the_zip_is_activated()
    {
        var zip = Sources.Zip(
            ("__main__.py", "import sys\ndef main(args):\n    return {'active': sys.activated}\n"),
            ("virtualenv/bin/activate_this.py", "import sys\nsys.activated = 'yes'\n"));
        await _whisk.DeployAsync("py-venv", zip);
        Assert.Equal("""{"active":"yes"}""", (await _whisk.CallAsync("py-venv", query: "?blocking=true&result=true")).Text);
    }

    [Fact]
    public async Task The_environment_is_the_platforms_and_little_else()
    {
        Environment.SetEnvironmentVariable("LOCAL_WHISK_TEST_SECRET", "must not leak");
        await using var whisk = await TestWhisk.StartAsync(o => o with
        {
            ActionEnvironment = new Dictionary<string, string> { ["STORE"] = "http://store" },
            PythonPath = ["/first", "/second"],
        });
        await whisk.DeployAsync("env", Sources.Environment, more: """ "parameters":[{"key":"TOKEN","value":"t","init":true},{"key":"SETTING","value":{"a":[1]},"init":true}] """);
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var reply = await whisk.SendAsync(HttpMethod.Post, $"{TestWhisk.Api}/actions/env?blocking=true", "{}", change: r => r.Headers.Add("X-Request-ID", "my-transaction"));
        var result = reply.Json.GetProperty("response").GetProperty("result");
        var env = result.GetProperty("env").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);

        Assert.Equal("guest", env["__OW_NAMESPACE"]);
        Assert.Equal("/guest/env", env["__OW_ACTION_NAME"]);
        Assert.Equal("0.0.1", env["__OW_ACTION_VERSION"]);
        Assert.Equal(reply.ActivationId, env["__OW_ACTIVATION_ID"]);
        Assert.Equal("my-transaction", env["__OW_TRANSACTION_ID"]);
        Assert.InRange(long.Parse(env["__OW_DEADLINE"], System.Globalization.CultureInfo.InvariantCulture), before + 60_000, before + 90_000);
        Assert.Equal(whisk.Server.BaseAddress.GetLeftPart(UriPartial.Authority), env["__OW_API_HOST"]);
        Assert.False(env.ContainsKey("__OW_API_KEY"));
        Assert.Equal(("t", """{"a":[1]}"""), (env["TOKEN"], env["SETTING"]));
        Assert.Equal("{}", result.GetProperty("args").GetRawText());
        Assert.Equal(("http://store", "/first:/second"), (env["STORE"], env["PYTHONPATH"]));
        Assert.Equal(result.GetProperty("cwd").GetString(), env["HOME"]);
        string[] known = ["PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH", "STORE", "TOKEN", "SETTING", "LC_CTYPE"];
        Assert.Empty(env.Keys.Where(k => !k.StartsWith("__OW_", StringComparison.Ordinal)).Except(known));

        var second = await whisk.CallAsync("env");
        Assert.Equal(second.ActivationId, second.Json.GetProperty("response").GetProperty("result").GetProperty("env").GetProperty("__OW_ACTIVATION_ID").GetString());
    }

    [Theory]
    [InlineData("""[{"key":"provide-api-key","value":true}]""", true)]
    [InlineData("""[{"key":"provide-api-key","value":false}]""", false)]
    [InlineData("[]", false)]
    public async Task The_key_is_given_on_request(string annotations, bool isGiven)
    {
        var name = $"py-key-{Guid.NewGuid():N}";
        await _whisk.DeployAsync(name, Sources.Environment, more: $"\"annotations\":{annotations}");
        var env = (await _whisk.CallAsync(name)).Json.GetProperty("response").GetProperty("result").GetProperty("env");
        Assert.Equal(isGiven ? LocalWhiskOptions.GuestAuth : null, env.TryGetProperty("__OW_API_KEY", out var key) ? key.GetString() : null);
    }

    [Fact]
    public async Task Modules_on_the_given_path_can_be_imported()
    {
        var folder = TestWhisk.NewDirectory();
        await File.WriteAllTextAsync(Path.Combine(folder, "gift.py"), "value = 'from the path'\n");
        await using (var whisk = await TestWhisk.StartAsync(o => o with { PythonPath = [folder] }))
        {
            await whisk.DeployAsync("gift", "import gift\ndef main(args):\n    return {'v': gift.value}\n");
            Assert.Equal("""{"v":"from the path"}""", (await whisk.CallAsync("gift", query: "?blocking=true&result=true")).Text);
        }
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Without_the_interpreter_the_error_says_what_to_install()
    {
        await using var whisk = await TestWhisk.StartAsync(o => o with { PythonCommand = "no-such-python", NodeCommand = "no-such-node" });
        foreach (var (kind, package) in new[] { ("python:3", "apt install python3"), ("nodejs:default", "apt install nodejs") })
        {
            await whisk.DeployAsync("lonely", "x", kind);
            var response = (await whisk.CallAsync("lonely")).Json.GetProperty("response");
            Assert.Equal("action developer error", response.GetProperty("status").GetString());
            Assert.Contains(package, response.GetProperty("result").GetProperty("error").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Arguments_keep_their_types_and_order()
    {
        const string json = """{"z":1,"a":[true,null,-1.5e-7,12345678901234567890,"x"],"m":{"é":{}}}""";
        using var expected = JsonDocument.Parse(json);
        var reply = await _whisk.CallAsync("echo", json, "?blocking=true&result=true");
        Assert.Equal(["z", "a", "m"], reply.Json.EnumerateObject().Select(p => p.Name));
        Assert.Contains("12345678901234567890", reply.Text, StringComparison.Ordinal);
        Assert.True(JsonElement.DeepEquals(expected.RootElement, reply.Json));
    }
}
