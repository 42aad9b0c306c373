using Microsoft.AspNetCore.Http;
using Orchestration.OpenWhisk.Tests.Servers;
using static Orchestration.OpenWhisk.Tests.TestData;

namespace Orchestration.OpenWhisk.Tests;

public sealed class ActionProbeTests
{
    [Fact]
    public async Task Only_what_OpenWhisk_says_is_not_there_is_missing()
    {
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            var (status, body) = context.Request.Path.Value!.Split('/')[^1] switch
            {
                "there" => (200, "{}"),
                "gone" => (404, """{"error":"The requested resource does not exist.","code":"x"}"""),
                "others" => (403, """{"error":"not for you","code":"x"}"""),
                _ => (404, "<html>nginx</html>"),
            };
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(body);
        });

        var missing = await ActionProbe.FindMissingAsync(Options(server.Url), ["pkg/gone", "there", "others", "proxied", "/ns/gone"], TestContext.Current.CancellationToken);

        Assert.Equal(["pkg/gone", "/ns/gone"], missing);
        Assert.Contains("/api/v1/namespaces/_/actions/pkg/gone?code=false", server.Seen.Select(s => s.Target));
        Assert.Contains("/api/v1/namespaces/ns/actions/gone?code=false", server.Seen.Select(s => s.Target));
    }

    [Fact]
    public async Task A_name_that_is_none_is_told()
    {
        var problem = await Assert.ThrowsAsync<OpenWhiskException>(() => ActionProbe.FindMissingAsync(Options(new Uri("http://127.0.0.1:9")), ["a/b/c/d"], TestContext.Current.CancellationToken));
        Assert.Contains("'a/b/c/d' names no action", problem.Message, StringComparison.Ordinal);
    }
}
