using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests;

/// <summary>.NET actions: a zip of a published library, called as the platform's own runtime does.</summary>
public sealed class DotNetTests(SharedWhisk shared)
{
    private const string OnlyResult = "?blocking=true&result=true";

    private readonly TestWhisk _whisk = shared.Whisk;

    [Fact]
    public async Task A_method_gets_the_arguments_and_the_environment_and_writes_to_the_log()
    {
        await DeployAsync("net-hello", "Main");
        foreach (var name in new[] { "Ada", "Zoë" })
        {
            var reply = await _whisk.CallAsync("net-hello", $$"""{"name":"{{name}}"}""");
            Assert.Equal($$"""{"greeting":"Hello, {{name}}!","action":"/guest/net-hello"}""", reply.Json.GetProperty("response").GetProperty("result").GetRawText());
            Assert.EndsWith($"stdout: greeting {name}", Assert.Single(await _whisk.LogsAsync(reply.ActivationId!)), StringComparison.Ordinal);
        }

        Assert.Matches(@"^dotnet:\d+\.\d+$", (await _whisk.GetAsync($"{TestWhisk.Api}/actions/net-hello")).Json.GetProperty("exec").GetProperty("kind").GetString());
    }

    [Theory]
    [InlineData("LaterAsync", """{"later":"Ada"}""")]
    [InlineData("Count", "[0]")]
    public async Task A_task_and_an_array_are_results(string method, string result)
    {
        await DeployAsync($"net-{method}", method);
        Assert.Equal(result, (await _whisk.CallAsync($"net-{method}", """{"name":"Ada"}""", OnlyResult)).Text);
    }

    [Theory]
    [InlineData("Greetings::Greetings.Hello::Nothing", "The action returned null")]
    [InlineData("Greetings::Greetings.Hello", "main required format is \"Assembly::Type::Function\".")]
    [InlineData("Nowhere::Greetings.Hello::Main", "Unable to locate requested assembly (\"Nowhere.dll\").")]
    [InlineData("Greetings::Greetings.Nobody::Main", "Unable to locate requested type (\"Greetings.Nobody\").")]
    [InlineData("Greetings::Greetings.Hello::Nope", "Unable to locate requested method (\"Nope\").")]
    public async Task What_cannot_be_called_is_the_actions_error(string main, string error)
    {
        var name = $"net-wrong-{main.Length}";
        await _whisk.DeployAsync(name, Sources.DotNetLibrary, "dotnet:default", main);
        await FailsAsync(name, error);
    }

    [Fact]
    public async Task Source_text_is_no_library()
    {
        await _whisk.DeployAsync("net-source", "class Hello { }", "dotnet:default", "Greetings::Greetings.Hello::Main");
        await FailsAsync("net-source", "code must be binary (zip file).");
    }

    private Task DeployAsync(string name, string method) => _whisk.DeployAsync(name, Sources.DotNetLibrary, "dotnet:default", $"Greetings::Greetings.Hello::{method}");

    private async Task FailsAsync(string name, string error)
    {
        var response = (await _whisk.CallAsync(name)).Json.GetProperty("response");
        Assert.Equal(("action developer error", error), (response.GetProperty("status").GetString(), response.GetProperty("result").GetProperty("error").GetString()));
    }
}
