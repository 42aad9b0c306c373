using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests.Conformance;

/// <summary>Protocol, authentication and names.</summary>
internal static class ProtocolCases
{
    private const string Api = TestWhisk.Api;
    private const string WrongKey = "23bc46b1-71f6-4ed5-8c54-816aa4f8c502:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        new("1", async whisk =>
        {
            var reply = await whisk.GetAsAsync("/api/v1", null);
            Assert.Equal((200, "v1"), (reply.Status, reply.Json.GetProperty("api_version_path").GetString()));
            Assert.NotEmpty(reply.Json.GetProperty("api_version").GetString()!);
        }),
        new("3", async whisk => Assert.Equal("pong", (await whisk.GetAsAsync("/ping", null)).Text)),
        new("4", async whisk =>
        {
            var reply = (await whisk.GetAsAsync($"{Api}/actions", null)).IsRefusal(401, "requires authentication");
            Assert.StartsWith("Basic realm=", reply.Header("WWW-Authenticate"), StringComparison.Ordinal);
        }),
        new("5", async whisk => (await whisk.GetAsAsync($"{Api}/actions", TestWhisk.Basic(WrongKey))).IsRefusal(401, "supplied authentication is invalid")),
        new("7", async whisk => Assert.Equal("""["guest"]""", (await whisk.GetAsync("/api/v1/namespaces")).Text)),
        new("8", async whisk =>
        {
            var (named, own) = (await whisk.GetAsync("/api/v1/namespaces/guest/actions/echo"), await whisk.GetAsync($"{Api}/actions/echo"));
            Assert.Equal((200, own.Text), (named.Status, named.Text));
        }),
        new("9", async whisk => (await whisk.GetAsync("/api/v1/namespaces/other/actions")).IsRefusal(403, "not authorized to access 'other'")),
        new("11", async whisk =>
        {
            var reply = await whisk.SendAsync(HttpMethod.Get, $"{Api}/actions", change: r => r.Headers.Add("X-Request-ID", "sid_x"));
            Assert.Matches("^[A-Za-z0-9]{32}$", reply.Header("X-Request-ID"));
        }),
        new("12", async _ =>
        {
            await using var open = await TestWhisk.StartAsync(o => o with { AllowedOrigins = ["*"] });
            var reply = await open.GetAsync($"{Api}/actions");
            Assert.Equal((200, "*"), (reply.Status, reply.Header("Access-Control-Allow-Origin")));
            Assert.Equal("GET, DELETE, POST, PUT, HEAD", reply.Header("Access-Control-Allow-Methods"));
            Assert.Contains("Authorization", reply.Header("Access-Control-Allow-Headers"), StringComparison.Ordinal);
        }),
        new("13", async whisk =>
        {
            (await whisk.GetAsync($"{Api}/actions/%20bad")).IsRefusal(400, "contains illegal characters");
            (await whisk.GetAsync($"{Api}/actions/a$b")).IsRefusal(400, "contains illegal characters");
        }),
        new("15", async whisk =>
        {
            const string path = "my%20action@v1";
            await whisk.DeployAsync(path, Sources.Echo);
            Assert.Equal("my action@v1", (await whisk.GetAsync($"{Api}/actions/{path}")).Json.GetProperty("name").GetString());
            Assert.Equal("""{"a":1}""", (await whisk.CallAsync(path, """{"a":1}""", "?blocking=true&result=true")).Text);
            Assert.Equal(200, (await whisk.SendAsync(HttpMethod.Delete, $"{Api}/actions/{path}")).Status);
            Assert.Equal(404, (await whisk.GetAsync($"{Api}/actions/{path}")).Status);
        }),
        new("16", async whisk => (await whisk.GetAsync($"{Api}/nothing")).IsRefusal(404, "could not be found")),
        new("17", async _ =>
        {
            await using var open = await TestWhisk.StartAsync(o => o with { AllowedOrigins = ["*"] });
            var reply = await open.SendAsync(HttpMethod.Options, $"{Api}/actions");
            Assert.Equal((200, "*"), (reply.Status, reply.Header("Access-Control-Allow-Origin")));
        }),
    ];
}
