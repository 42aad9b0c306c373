using System.Globalization;
using System.Text.Json;
using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests.Conformance;

/// <summary>What an action finds when it runs.</summary>
internal static class RuntimeCases
{
    private const string OnlyResult = "?blocking=true&result=true";

    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        new("91", async whisk =>
        {
            var reply = await whisk.CallAsync("env");
            var env = EnvironmentOf(reply);
            Assert.Equal("guest", env["__OW_NAMESPACE"]);
            Assert.Equal("/guest/env", env["__OW_ACTION_NAME"]);
            Assert.Equal(reply.Json.GetProperty("version").GetString(), env["__OW_ACTION_VERSION"]);
            Assert.Equal(reply.ActivationId, env["__OW_ACTIVATION_ID"]);
            Assert.Equal(reply.Header("X-Request-ID"), env["__OW_TRANSACTION_ID"]);
            Assert.True(long.Parse(env["__OW_DEADLINE"], CultureInfo.InvariantCulture) > 0);
            Assert.Equal(whisk.Server.BaseAddress.GetLeftPart(UriPartial.Authority), env["__OW_API_HOST"]);
        }),
        new("92", async whisk =>
        {
            await whisk.DeployAsync("case92", Sources.Environment, more: """ "annotations":[{"key":"provide-api-key","value":true}] """);
            Assert.Equal(LocalWhiskOptions.GuestAuth, EnvironmentOf(await whisk.CallAsync("case92"))["__OW_API_KEY"]);
            Assert.False(EnvironmentOf(await whisk.CallAsync("env")).ContainsKey("__OW_API_KEY"));
        }),
        new("93", async whisk =>
        {
            await whisk.DeployAsync("case93", Sources.Environment, more: """ "parameters":[{"key":"TOKEN","value":"t","init":true}] """);
            var reply = await whisk.CallAsync("case93");
            Assert.Equal("t", EnvironmentOf(reply)["TOKEN"]);
            Assert.Equal("{}", reply.Json.GetProperty("response").GetProperty("result").GetProperty("args").GetRawText());
        }),
        new("95", async whisk =>
        {
            await whisk.DeployAsync("case95", "import os, time\ndef main(args):\n    time.sleep(1)\n    return {'pid': os.getpid()}\n");
            var replies = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => whisk.CallAsync("case95", query: OnlyResult)));
            Assert.Equal(4, replies.Select(r => r.Text).Distinct().Count());
        }),
        new("96", async whisk =>
        {
            var zip = Sources.Zip(("__main__.py", "import helper\ndef run(args):\n    return {'n': helper.twice(args['n'])}\n"), ("helper.py", "def twice(n):\n    return 2 * n\n"));
            await whisk.DeployAsync("case96", zip, main: "run");
            Assert.Equal("""{"n":42}""", (await whisk.CallAsync("case96", """{"n":21}""", OnlyResult)).Text);
        }),
        new("97", async whisk =>
        {
            await whisk.DeployAsync("case97", Sources.Zip(("other.py", "x = 1")));
            var reply = await whisk.CallAsync("case97", query: OnlyResult);
            Assert.Equal((502, "The action failed to generate or locate a binary. See logs for details."), (reply.Status, reply.Error));
            Assert.Contains(await whisk.LogsAsync(reply.ActivationId!), l => l.Contains("__main__.py", StringComparison.Ordinal));
        }),
        new("99", async whisk =>
        {
            await whisk.DeployAsync("case99", "def main(args):\n    print('ž ' + args['t'])\n    return {'t': args['t'], 'c': 'ß🎬'}\n");
            var reply = await whisk.CallAsync("case99", """{"t":"世界"}""", OnlyResult);
            Assert.Equal("""{"t":"世界","c":"ß🎬"}""", reply.Text);
            Assert.EndsWith("stdout: ž 世界", Assert.Single(await whisk.LogsAsync(reply.ActivationId!)), StringComparison.Ordinal);
        }),
        new("100", async whisk =>
        {
            var json = $$"""{"a":"{{new string('x', 900 * 1024)}}"}""";
            Assert.Equal(json, (await whisk.CallAsync("echo", json, OnlyResult)).Text);
        }),
        new("101", async whisk =>
        {
            await whisk.DeployAsync("case101", Sources.DotNetLibrary, "dotnet:default", "Greetings::Greetings.Hello::Throws");
            var reply = await whisk.CallAsync("case101", """{"name":"Ada"}""");
            var response = reply.Json.GetProperty("response");
            Assert.Equal((502, "action developer error", "no Ada here"), (reply.Status, response.GetProperty("status").GetString(), response.GetProperty("result").GetProperty("error").GetString()));
        }),
    ];

    private static Dictionary<string, string> EnvironmentOf(Reply reply) =>
        reply.Json.GetProperty("response").GetProperty("result").GetProperty("env").Deserialize<Dictionary<string, string>>()!;
}
