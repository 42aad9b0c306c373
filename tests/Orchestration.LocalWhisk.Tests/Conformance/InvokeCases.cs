using System.Text.Json;
using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests.Conformance;

/// <summary>What callers of an action see.</summary>
internal static class InvokeCases
{
    private const string OnlyResult = "?blocking=true&result=true";

    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        new("48", async whisk =>
        {
            var reply = await whisk.CallAsync("echo", """{"a":1}""", "");
            Assert.Matches("^[0-9a-f]{32}$", reply.ActivationId);
            Assert.Equal((202, $$"""{"activationId":"{{reply.ActivationId}}"}"""), (reply.Status, reply.Text));
        }),
        new("49", async whisk => Assert.Equal(202, (await whisk.CallAsync("echo", null, "")).Status)),
        new("51", async whisk => (await whisk.SendAsync(HttpMethod.Post, $"{TestWhisk.Api}/actions/echo", "{}", "text/plain")).IsRefusal(415, "")),
        new("52", async whisk =>
        {
            var reply = await whisk.CallAsync("echo", """{"a":1}""");
            Assert.Equal(200, reply.Status);
            Assert.Equal("""{"status":"success","success":true,"result":{"a":1},"size":8}""", reply.Json.GetProperty("response").GetRawText());
            Assert.Equal("[]", reply.Json.GetProperty("logs").GetRawText());
        }),
        new("53", async whisk =>
        {
            var reply = await whisk.CallAsync("echo", """{"a":1}""", OnlyResult);
            Assert.Equal((200, """{"a":1}"""), (reply.Status, reply.Text));
        }),
        new("55", async whisk => await FailsAsync(whisk, "appfail", "application error", "boom")),
        new("56", async whisk =>
        {
            var reply = await whisk.CallAsync("appfail", query: OnlyResult);
            Assert.Equal((502, """{"error":"boom"}"""), (reply.Status, reply.Text));
            Assert.NotNull(reply.ActivationId);
        }),
        new("57", async whisk =>
        {
            var id = await FailsAsync(whisk, "throwpy", "application error", "no such clip");
            Assert.Contains(await whisk.LogsAsync(id), l => l.EndsWith("stderr: Traceback (most recent call last):", StringComparison.Ordinal));
        }),
        new("59", async whisk =>
        {
            await FailsAsync(whisk, "scalar", "action developer error", "The action did not return a dictionary or array.");
            await FailsAsync(whisk, "nul", "action developer error", "The action did not produce a valid JSON or JSON Array response: null");
        }),
        new("60", async whisk =>
        {
            var reply = await whisk.CallAsync("arr");
            Assert.Equal((200, "[1,2]"), (reply.Status, reply.Text));
            Assert.Equal("[1,2]", (await whisk.RecordAsync(reply.ActivationId!)).GetProperty("response").GetProperty("result").GetRawText());
        }),
        new("61", async whisk =>
        {
            var reply = await whisk.CallAsync("sleep", """{"ms":3000}""", "?blocking=true&timeout=1000");
            Assert.Equal(202, reply.Status);
            var record = await whisk.RecordAsync(reply.ActivationId!);
            Assert.True(record.GetProperty("response").GetProperty("success").GetBoolean());
            Assert.InRange(record.GetProperty("duration").GetInt64(), 2990, 60_000);
        }),
        new("63", async whisk =>
        {
            await whisk.DeployAsync("case63", Sources.Sleep, more: """ "limits":{"timeout":1000} """);
            var reply = await whisk.CallAsync("case63", """{"ms":3000}""");
            Assert.Equal(502, reply.Status);
            Assert.Equal("The action exceeded its time limits of 1000 milliseconds.", ErrorOf(reply.Json));
            Assert.True(reply.Json.Annotation("timeout")!.Value.GetBoolean());
        }),
        new("64", async _ =>
        {
            await using var whisk = await TestWhisk.StartAsync(o => o with { MaxBlockingWait = TimeSpan.FromSeconds(1) });
            await whisk.DeployAsync("sleep", Sources.Sleep);
            Assert.Equal(202, (await whisk.CallAsync("sleep", """{"ms":60000}""")).Status);
        }),
        new("65", async whisk => (await whisk.CallAsync("case65", $$"""{"a":"{{new string('x', 1024 * 1024)}}"}""")).IsRefusal(413, "Request larger than allowed")),
        new("67", async whisk =>
        {
            await whisk.DeployAsync("case67", Sources.Echo, more: """ "annotations":[{"key":"final","value":true}],"parameters":[{"key":"k","value":1}] """);
            (await whisk.CallAsync("case67", """{"k":2}""")).IsRefusal(400, "parameters that are not allowed");
        }),
        new("68", async _ =>
        {
            await using var whisk = await TestWhisk.StartAsync(o => o with { InvocationsPerMinute = 2 });
            // The calls may lie on both sides of a minute's turn; then the next minute's count begins with one of them.
            var replies = new List<Reply>();
            while (replies.Count(r => r.Status == 404) < 4 && replies.LastOrDefault()?.Status != 429)
                replies.Add(await whisk.CallAsync("case68", "{}", ""));
            replies[^1].IsRefusal(429, "Too many requests in the last minute (count: 3, allowed: 2).");
        }),
        new("69", async _ =>
        {
            await using var whisk = await TestWhisk.StartAsync(o => o with { MaxInFlight = 2 });
            await whisk.DeployAsync("sleep", Sources.Sleep);
            var ids = new[] { await whisk.CallAsync("sleep", """{"ms":700}""", ""), await whisk.CallAsync("sleep", """{"ms":700}""", "") }.Select(r => r.ActivationId!).ToList();
            (await whisk.CallAsync("sleep", """{"ms":0}""")).IsRefusal(429, "Too many concurrent requests in flight (count: 2, allowed: 2).");
            ids.ForEach(id => Assert.NotNull(id));
            await Eventually.TrueAsync(async () => (await whisk.CallAsync("sleep", """{"ms":0}""")).Status == 200, "room again");
        }),
        new("71", async whisk =>
        {
            await whisk.PutSequenceAsync("case71", "inc", "inc");
            var reply = await whisk.CallAsync("case71", """{"n":1}""");
            Assert.Equal((200, """{"n":3}"""), (reply.Status, reply.Json.GetProperty("response").GetProperty("result").GetRawText()));
            var record = await whisk.RecordAsync(reply.ActivationId!);
            Assert.Equal(("sequence", true), (record.Annotation("kind")!.Value.GetString(), record.Annotation("topmost")!.Value.GetBoolean()));
            var children = await whisk.ComponentsAsync(record);
            Assert.Equal(["inc", "inc"], children.Select(c => c.GetProperty("name").GetString()));
            Assert.All(children, c => Assert.Equal((reply.ActivationId, "sequence"), (c.GetProperty("cause").GetString(), c.Annotation("causedBy")!.Value.GetString())));
            Assert.Equal(children.Sum(c => c.GetProperty("duration").GetInt64()), record.GetProperty("duration").GetInt64());
        }),
        new("72", async whisk =>
        {
            await whisk.PutSequenceAsync("case72", "appfail", "echo");
            var id = await FailsAsync(whisk, "case72", "application error", "boom");
            Assert.Equal("appfail", Assert.Single(await whisk.ComponentsAsync(await whisk.RecordAsync(id))).GetProperty("name").GetString());
        }),
        new("73", async whisk =>
        {
            await whisk.DeployConductorAsync("case73", """
                def main(args):
                    if 'step' not in args:
                        return {'action': 'inc', 'params': {'n': args['n']}, 'state': {'step': 1, 'kept': args['kept']}}
                    return {'params': {'n': args['n'], 'kept': args['kept']}}
                """);
            var reply = await whisk.CallAsync("case73", """{"n":1,"kept":"k"}""");
            Assert.Equal((200, """{"n":2,"kept":"k"}"""), (reply.Status, reply.Json.GetProperty("response").GetProperty("result").GetRawText()));
            Assert.True(reply.Json.Annotation("conductor")!.Value.GetBoolean());
            Assert.Equal(["case73", "inc", "case73"], (await whisk.ComponentsAsync(reply.Json)).Select(c => c.GetProperty("name").GetString()));
        }),
        new("75", async _ =>
        {
            await using var whisk = await TestWhisk.StartAsync(o => o with { MaxProcesses = 1 });
            await whisk.DeployAsync("sleep", Sources.Sleep);
            await whisk.CallAsync("sleep", """{"ms":800}""", "");
            var queued = await whisk.CallAsync("sleep", """{"ms":0}""", "");
            await whisk.SendAsync(HttpMethod.Delete, $"{TestWhisk.Api}/actions/sleep");
            var record = await whisk.RecordAsync(queued.ActivationId!);
            Assert.Equal("application error", record.GetProperty("response").GetProperty("status").GetString());
            Assert.Contains("may have been deleted", ErrorOf(record), StringComparison.Ordinal);
        }),
    ];

    private static string? ErrorOf(JsonElement record) => record.GetProperty("response").GetProperty("result").GetProperty("error").GetString();

    private static async Task<string> FailsAsync(TestWhisk whisk, string name, string status, string error)
    {
        var reply = await whisk.CallAsync(name);
        Assert.Equal((502, status), (reply.Status, reply.Json.GetProperty("response").GetProperty("status").GetString()));
        Assert.Equal($$"""{"error":"{{error}}"}""", reply.Json.GetProperty("response").GetProperty("result").GetRawText());
        return reply.ActivationId!;
    }
}
