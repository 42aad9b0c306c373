using System.Text;
using System.Text.Json;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;
using Orchestration.OpenWhisk.Tests.Servers;
using static Orchestration.OpenWhisk.Tests.TestData;

namespace Orchestration.OpenWhisk.Tests;

public sealed class InvokeRequestTests
{
    [Theory]
    [InlineData("{}", "{")]
    [InlineData("""{"n":1}""", """{"n":1,""")]
    [InlineData("""{"a":{"context":1},"text":"Zoë { }"}""", """{"a":{"context":1},"text":"Zoë { }",""")]
    public async Task The_body_is_the_parameters_with_context_and_the_reserved_member(string parameters, string expectedHead)
    {
        await using var server = await ScriptedServer.StartAsync(200, Success("{}"));
        using var invoker = new OpenWhiskInvoker(Options(server.Url));
        Assert.IsType<InvokeReply.Succeeded>(await invoker.InvokeAsync(Request(parameters, attempt: 3), default));
        Assert.Equal(
            expectedHead + $$$"""
            "context":{"action_id":"{{{ActionIdText}}}","orch_id":"{{{OrchestrationIdText}}}"},"__orchestration":{"attempt":3,"fencing":[]}}
            """,
            server.Only.Body);
        using var whole = JsonDocument.Parse(server.Only.Body);
        Assert.Equal(2, whole.RootElement.GetProperty("context").EnumerateObject().Count());
    }

    [Fact]
    public async Task The_grants_of_shared_objects_stand_in_the_reserved_member()
    {
        await using var server = await ScriptedServer.StartAsync(200, Success("{}"));
        using var invoker = new OpenWhiskInvoker(Options(server.Url));
        await invoker.InvokeAsync(Request() with { Fencing = [new(ObjectKey.Parse("b/a \"é\""), 7), new(ObjectKey.Parse("b/c"), 5_000_000_000)] }, default);
        using var body = JsonDocument.Parse(server.Only.Body);
        var fencing = body.RootElement.GetProperty("__orchestration").GetProperty("fencing").EnumerateArray();
        Assert.Equal([("b/a \"é\"", 7), ("b/c", 5_000_000_000)], fencing.Select(f => (f.GetProperty("object").GetString(), f.GetProperty("number").GetInt64())));
    }

    [Fact]
    public async Task White_space_inside_the_parameters_is_no_member()
    {
        await using var server = await ScriptedServer.StartAsync(200, Success("{}"));
        using var invoker = new OpenWhiskInvoker(Options(server.Url));
        await invoker.InvokeAsync(Request() with { Parameters = JsonBytes.FromTrusted("{ \n }"u8.ToArray()) }, default);
        using var body = JsonDocument.Parse(server.Only.Body);
        Assert.Equal(["context", "__orchestration"], body.RootElement.EnumerateObject().Select(m => m.Name));
    }

    [Theory]
    [InlineData("""{"context":{}}""", "'context'")]
    [InlineData("""{"a":[1,{"b":2}],"__orchestration":null}""", "'__orchestration'")]
    [InlineData("""{"cont\u0065xt":1}""", "'context'")]
    [InlineData("[1]", "an array")]
    [InlineData("\"text\"", "a string")]
    [InlineData("null", "null")]
    [InlineData("7", "a number")]
    [InlineData("true", "a boolean")]
    public async Task Parameters_that_cannot_be_sent_are_refused_before_anything_is_sent(string parameters, string expected)
    {
        var given = JsonBytes.FromTrusted(Encoding.UTF8.GetBytes(parameters));
        Assert.Contains(expected, InvocationBody.Problem(given), StringComparison.Ordinal);
        await using var server = await ScriptedServer.StartAsync(200, Success("{}"));
        using var invoker = new OpenWhiskInvoker(Options(server.Url));
        var failed = Assert.IsType<InvokeReply.Failed>(await invoker.InvokeAsync(Request() with { Parameters = given }, default));
        Assert.Equal(AttemptOutcome.Rejected, failed.Outcome);
        Assert.Contains("'hello'", failed.Failure.Message, StringComparison.Ordinal);
        Assert.Contains(expected, failed.Failure.Message, StringComparison.Ordinal);
        Assert.Empty(server.Seen);
    }

    [Theory]
    [InlineData("""{"a":"context","b":{"context":1,"__orchestration":2},"c":"\u00e9"}""")]
    [InlineData("""{"contexts":1,"_context":2}""")]
    public void Other_members_and_deeper_ones_may_have_any_name(string parameters) =>
        Assert.Null(InvocationBody.Problem(JsonBytes.FromTrusted(Encoding.UTF8.GetBytes(parameters))));

    [Theory]
    [InlineData("hello", "/api/v1/namespaces/_/actions/hello")]
    [InlineData("pkg/hello", "/api/v1/namespaces/_/actions/pkg/hello")]
    [InlineData("/guest/hello", "/api/v1/namespaces/guest/actions/hello")]
    [InlineData("/whisk.system/utils/echo", "/api/v1/namespaces/whisk.system/actions/utils/echo")]
    [InlineData("/_/my action@v1&2", "/api/v1/namespaces/_/actions/my%20action%40v1%262")]
    [InlineData("Zoë%2F", "/api/v1/namespaces/_/actions/Zo%C3%AB%252F")]
    public async Task Names_become_paths_percent_encoded_by_segment(string name, string path)
    {
        await using var server = await ScriptedServer.StartAsync(200, Success("{}"));
        using var invoker = new OpenWhiskInvoker(Options(server.Url));
        await invoker.InvokeAsync(Request(name: name), default);
        var seen = server.Only;
        Assert.Equal(path + "?blocking=true&timeout=5000", seen.Target);
        Assert.Equal("POST", seen.Method);
        Assert.Equal("application/json", seen.ContentType);
        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(Auth)), seen.Authorization);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/guest")]
    [InlineData("a/b/c")]
    [InlineData("/a/b/c/d")]
    [InlineData("pkg/")]
    [InlineData("..")]
    [InlineData("/guest/../hello")]
    [InlineData("a\nb")]
    public async Task Names_that_name_no_action_are_refused(string name)
    {
        await using var server = await ScriptedServer.StartAsync(200, Success("{}"));
        using var invoker = new OpenWhiskInvoker(Options(server.Url));
        var failed = Assert.IsType<InvokeReply.Failed>(await invoker.InvokeAsync(Request(name: name), default));
        Assert.Equal((AttemptOutcome.Rejected, "INVALID_NAME"), (failed.Outcome, failed.Failure.Code));
        Assert.Contains($"'{name}'", failed.Failure.Message, StringComparison.Ordinal);
        Assert.Empty(server.Seen);
    }

    [Fact]
    public async Task Settings_choose_namespace_wait_and_mode_and_the_host_may_have_a_path()
    {
        await using var server = await ScriptedServer.StartAsync(202, $$"""{"activationId":"{{ActivationId}}"}""");
        var options = Options(new Uri(server.Url, "/openwhisk/")) with { Namespace = "team", BlockingWait = TimeSpan.FromMilliseconds(1500) };
        using (var blocking = new OpenWhiskInvoker(options))
            await blocking.InvokeAsync(Request(), default);
        using (var other = new OpenWhiskInvoker(options with { Blocking = false }))
            await other.InvokeAsync(Request(), default);
        Assert.Equal(
            ["/openwhisk/api/v1/namespaces/team/actions/hello?blocking=true&timeout=1500", "/openwhisk/api/v1/namespaces/team/actions/hello?blocking=false"],
            server.Seen.Select(s => s.Target));
    }

    [Fact]
    public async Task A_megabyte_goes_there_and_back()
    {
        var large = $$"""{"text":"{{new string('x', 900_000)}}"}""";
        await using var server = await ScriptedServer.StartAsync(200, Success(large));
        using var invoker = new OpenWhiskInvoker(Options(server.Url));
        var succeeded = Assert.IsType<InvokeReply.Succeeded>(await invoker.InvokeAsync(Request(large), default));
        Assert.Equal(large, succeeded.Result.ToString());
        Assert.StartsWith(large[..^1], server.Only.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60_001)]
    public void A_wait_that_OpenWhisk_does_not_allow_is_refused(int milliseconds)
    {
        var options = Options(new Uri("http://localhost:3233")) with { BlockingWait = TimeSpan.FromMilliseconds(milliseconds) };
        Assert.Contains("between 1 ms and 60 s", Assert.Throws<OpenWhiskException>(() => new OpenWhiskInvoker(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_text_form_of_the_settings_leaves_out_the_credentials()
    {
        var text = Options(new Uri("http://localhost:3233")).ToString();
        Assert.Equal("http://localhost:3233 (namespace _)", text);
    }
}
