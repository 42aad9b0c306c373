using Microsoft.AspNetCore.Http;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;
using Orchestration.OpenWhisk.Tests.Servers;
using static Orchestration.OpenWhisk.Tests.TestData;

namespace Orchestration.OpenWhisk.Tests;

public sealed class ActivationTests
{
    [Fact]
    public async Task The_record_is_asked_for_in_the_callers_own_namespace()
    {
        await using var server = await ScriptedServer.StartAsync(200, Success("""{"n":1}"""));
        using var invoker = new OpenWhiskInvoker(Options(server.Url) with { Namespace = "team" });
        var succeeded = Assert.IsType<InvokeReply.Succeeded>(await invoker.GetActivationAsync(Request(name: "/other/hello"), ActivationId, default));
        Assert.Equal("""{"n":1}""", succeeded.Result.ToString());
        Assert.Equal(("GET", $"/api/v1/namespaces/_/activations/{ActivationId}", ""), (server.Only.Method, server.Only.Target, server.Only.Body));
    }

    [Fact]
    public async Task A_record_tells_how_the_activation_failed()
    {
        var failed = Assert.IsType<InvokeReply.Failed>(await GetAsync(200, Failure("action developer error", "\"late\"", """[{"key":"timeout","value":true}]""")));
        Assert.Equal((AttemptOutcome.Timeout, "late", ActivationId), (failed.Outcome, failed.Failure.Message, failed.ActivationId));
        Assert.NotNull(failed.Timing);
    }

    [Theory]
    [InlineData(404, """{"error":"The requested resource does not exist.","code":"x"}""")]
    [InlineData(404, "<html>")]
    [InlineData(408, "")]
    [InlineData(429, """{"error":"Too many requests","code":"x"}""")]
    [InlineData(500, """{"error":"There was an internal server error.","code":"x"}""")]
    [InlineData(502, "<html>")]
    [InlineData(503, "")]
    [InlineData(504, "")]
    [InlineData(301, "")]
    [InlineData(200, "<html>")]
    [InlineData(200, "")]
    [InlineData(200, """{"activationId":"0123456789abcdef0123456789abcdef","start":1}""")]
    public async Task Everything_but_a_record_means_not_yet(int status, string body) =>
        Assert.Equal(ActivationId, Assert.IsType<InvokeReply.Accepted>(await GetAsync(status, body)).ActivationId);

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_refusal_is_for_good(int status)
    {
        var failed = Assert.IsType<InvokeReply.Failed>(await GetAsync(status, """{"error":"no","code":"x"}"""));
        Assert.Equal((AttemptOutcome.Rejected, ActivationId), (failed.Outcome, failed.ActivationId));
        Assert.Contains("action 'hello'", failed.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_too_deep_or_too_long_ends_the_attempt_instead_of_being_asked_for_for_ever()
    {
        var deep = Success(string.Concat(Enumerable.Repeat("[", 100)) + new string(']', 100));
        Assert.Equal(AttemptOutcome.DeveloperError, Assert.IsType<InvokeReply.Failed>(await GetAsync(200, deep)).Outcome);
        var failed = Assert.IsType<InvokeReply.Failed>(await GetAsync(200, Success($"\"{new string('x', 5000)}\""), o => o with { MaxReplyBytes = 2000 }));
        Assert.Equal((AttemptOutcome.DeveloperError, ActivationId), (failed.Outcome, failed.ActivationId));
    }

    [Fact]
    public async Task An_unreachable_platform_means_not_yet()
    {
        using var invoker = new OpenWhiskInvoker(Options(FreePort.UrlOfNobody()));
        Assert.IsType<InvokeReply.Accepted>(await invoker.GetActivationAsync(Request(), ActivationId, default));
    }

    [Theory]
    [InlineData("""{"name":"hello","limits":{"timeout":1500,"memory":256}}""", 1500)]
    [InlineData("""{"name":"hello"}""", 300_000)]
    [InlineData("""{"limits":{"timeout":"soon"}}""", 300_000)]
    [InlineData("[]", 300_000)]
    public async Task The_time_limit_is_asked_for_once(string action, int milliseconds)
    {
        await using var server = await ScriptedServer.StartAsync(200, action);
        using var invoker = new OpenWhiskInvoker(Options(server.Url));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), await invoker.GetTimeLimitAsync("pkg/hello", default));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), await invoker.GetTimeLimitAsync("pkg/hello", default));
        Assert.Equal("/api/v1/namespaces/_/actions/pkg/hello?code=false", server.Only.Target);
    }

    [Fact]
    public async Task A_time_limit_that_could_not_be_had_is_asked_for_again()
    {
        var calls = 0;
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            context.Response.StatusCode = ++calls == 1 ? 503 : 200;
            await context.Response.WriteAsync("""{"limits":{"timeout":2000}}""");
        });
        using var invoker = new OpenWhiskInvoker(Options(server.Url));
        Assert.Equal(TimeSpan.FromMinutes(5), await invoker.GetTimeLimitAsync("hello", default));
        Assert.Equal(TimeSpan.FromSeconds(2), await invoker.GetTimeLimitAsync("hello", default));
        Assert.Equal(TimeSpan.FromMinutes(5), await invoker.GetTimeLimitAsync("no/such/name", default));
        using var nobody = new OpenWhiskInvoker(Options(FreePort.UrlOfNobody()));
        Assert.Equal(TimeSpan.FromMinutes(5), await nobody.GetTimeLimitAsync("hello", default));
    }

    private static async Task<InvokeReply> GetAsync(int status, string body, Func<OpenWhiskOptions, OpenWhiskOptions>? change = null)
    {
        await using var server = await ScriptedServer.StartAsync(status, body);
        var options = Options(server.Url);
        using var invoker = new OpenWhiskInvoker(change?.Invoke(options) ?? options);
        return await invoker.GetActivationAsync(Request(), ActivationId, default);
    }
}
