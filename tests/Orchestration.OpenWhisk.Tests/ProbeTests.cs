using Microsoft.AspNetCore.Http;
using Orchestration.OpenWhisk.Tests.Servers;
using static Orchestration.OpenWhisk.Tests.TestData;

namespace Orchestration.OpenWhisk.Tests;

public sealed class ProbeTests
{
    [Fact]
    public async Task The_namespace_and_its_limits_are_told()
    {
        await using var server = await StartAsync("""["guest"]""", """{"concurrentInvocations":30,"invocationsPerMinute":60,"maxParameterSize":"1048576 B"}""");
        Assert.Equal(new OpenWhiskNamespace("guest", 30, 60), await OpenWhiskProbe.CheckAsync(Options(server.Url)));
        Assert.Equal(["/api/v1/namespaces", "/api/v1/namespaces/_/limits"], server.Seen.Select(s => s.Target));
        Assert.All(server.Seen, s => Assert.StartsWith("Basic ", s.Authorization, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{}", 200)]
    [InlineData("[]", 200)]
    [InlineData("<html>", 200)]
    [InlineData("", 404)]
    public async Task Limits_that_are_not_told_are_null(string limits, int status)
    {
        await using var server = await StartAsync("""["guest"]""", limits, status);
        Assert.Equal(new OpenWhiskNamespace("guest", null, null), await OpenWhiskProbe.CheckAsync(Options(server.Url)));
    }

    [Theory]
    [InlineData(401, """{"error":"The supplied authentication is invalid","code":"x"}""", "refused the credentials")]
    [InlineData(401, "", "--auth UUID:KEY")]
    [InlineData(403, """{"error":"not for you.","code":"x"}""", "refused to list the namespaces (403): not for you.")]
    [InlineData(503, """{"error":"down for maintenance.","code":"x"}""", "not available now (503, down for maintenance)")]
    [InlineData(302, "", "redirects (302) to /login")]
    [InlineData(200, "<html><title>It works!</title></html>", "is not an OpenWhisk")]
    [InlineData(200, "{}", "is not an OpenWhisk")]
    [InlineData(200, "[]", "is not an OpenWhisk")]
    [InlineData(404, "<html>nginx</html>", "is not an OpenWhisk")]
    public async Task What_is_wrong_is_said_with_the_URL_and_without_the_credentials(int status, string body, string expected)
    {
        await using var server = await ScriptedServer.StartAsync(status, body, headers: ("Location", "/login"));
        var problem = await Assert.ThrowsAsync<OpenWhiskException>(() => OpenWhiskProbe.CheckAsync(Options(server.Url)));
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
        Assert.Contains(server.Url.GetLeftPart(UriPartial.Authority), problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-a-real-key", problem.ToString(), StringComparison.Ordinal);
    }

    private static Task<ScriptedServer> StartAsync(string namespaces, string limits, int limitsStatus = 200) => ScriptedServer.StartAsync(async context =>
    {
        var asksLimits = context.Request.Path.Value!.EndsWith("/limits", StringComparison.Ordinal);
        context.Response.StatusCode = asksLimits ? limitsStatus : 200;
        await context.Response.WriteAsync(asksLimits ? limits : namespaces);
    });
}
