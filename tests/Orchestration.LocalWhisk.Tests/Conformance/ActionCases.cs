using System.Text.Json;
using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests.Conformance;

/// <summary>Actions created, read, updated, listed and deleted.</summary>
internal static class ActionCases
{
    private const string Api = TestWhisk.Api;
    private const string New = """{"exec":{"kind":"python:3","code":"def main(args):\n    return args\n"}}""";
    private const string Overwrite = "?overwrite=true";

    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        new("19", async whisk =>
        {
            await whisk.PutActionAsync("case19", New);
            (await whisk.PutActionAsync("case19", New)).IsRefusal(409, "resource already exists");
        }),
        new("20", async whisk =>
        {
            await whisk.DeployAsync("case20", Sources.Echo, more: """ "limits":{"memory":512,"logs":1} """);
            var updated = (await whisk.PutActionAsync("case20", """{"limits":{"timeout":1000}}""", Overwrite)).Json;
            Assert.Equal("""{"timeout":1000,"memory":512,"logs":1,"concurrency":1}""", updated.GetProperty("limits").GetRawText());
            Assert.Equal("0.0.2", updated.GetProperty("version").GetString());
            Assert.Equal(Sources.Echo, updated.GetProperty("exec").GetProperty("code").GetString());
        }),
        new("21", async whisk =>
        {
            await whisk.DeployAsync("case21", Sources.Echo, more: """ "parameters":[{"key":"a","value":1}] """);
            var updated = await whisk.PutActionAsync("case21", """{"parameters":[{"key":"b","value":2}]}""", Overwrite);
            Assert.Equal("""[{"key":"b","value":2}]""", updated.Json.GetProperty("parameters").GetRawText());
        }),
        new("23", async whisk => (await whisk.PutActionAsync("case23", "{}")).IsRefusal(400, "exec undefined")),
        new("24", async whisk => (await whisk.PutActionAsync("case24", """{"exec":{"kind":"nope:1","code":"x"}}""")).IsRefusal(400, "is not supported by this platform")),
        new("25", async whisk =>
        {
            var reply = await whisk.PutActionAsync("case25", """{"exec":{"kind":"python:default","code":"x"}}""");
            Assert.Matches(@"^python:3\.\d+$", reply.Json.GetProperty("exec").GetProperty("kind").GetString());
        }),
        new("27", async whisk => (await whisk.PutActionAsync("case27", "{")).IsRefusal(400, "request content was malformed")),
        new("28", async whisk => (await whisk.PutActionAsync("case28", """{"exec":{"kind":"python:3","code":"x"},"parameters":{"a":1}}""")).IsRefusal(400, "")),
        new("29", async whisk =>
        {
            var exec = JsonSerializer.Serialize(new { kind = "python:3", code = Sources.Zip(("__main__.py", Sources.Echo)), binary = false });
            Assert.True((await whisk.PutActionAsync("case29", $$"""{"exec":{{exec}}}""")).Json.GetProperty("exec").GetProperty("binary").GetBoolean());
        }),
        new("31", async whisk =>
        {
            var value = new string('x', (1024 * 1024) - 1);
            (await whisk.PutActionAsync("case31", $$"""{"exec":{"kind":"python:3","code":"x"},"parameters":[{"key":"p","value":"{{value}}"}]}"""))
                .IsRefusal(413, "parameters larger than allowed: 1048578 > 1048576 bytes.");
        }),
        new("32", async _ =>
        {
            await using var small = await TestWhisk.StartAsync(o => o with { MaxCodeBytes = 1000 });
            (await small.PutActionAsync("case32", $$$"""{"exec":{"kind":"python:3","code":"{{{new string('#', 1001)}}}"}}"""))
                .IsRefusal(413, "exec larger than allowed: 1001 > 1000 bytes.");
        }),
        new("33", async whisk =>
        {
            Assert.True((await whisk.GetAsync($"{Api}/actions/echo")).Json.GetProperty("exec").TryGetProperty("code", out _));
            var without = (await whisk.GetAsync($"{Api}/actions/echo?code=false")).Json.GetProperty("exec");
            Assert.False(without.TryGetProperty("code", out _));
            Assert.True(without.TryGetProperty("kind", out _));
        }),
        new("35", async whisk =>
        {
            foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Delete, HttpMethod.Post])
                (await whisk.SendAsync(method, $"{Api}/actions/case35")).IsRefusal(404, "The requested resource does not exist.");
        }),
        new("36", async whisk =>
        {
            await whisk.PutActionAsync("case36", New);
            await whisk.PutActionAsync("case36", New, Overwrite);
            var gone = await whisk.SendAsync(HttpMethod.Delete, $"{Api}/actions/case36");
            Assert.Equal((200, "0.0.2"), (gone.Status, gone.Json.GetProperty("version").GetString()));
            Assert.Equal(404, (await whisk.GetAsync($"{Api}/actions/case36")).Status);
            Assert.Equal("0.0.1", (await whisk.PutActionAsync("case36", New)).Json.GetProperty("version").GetString());
        }),
        new("37", async _ =>
        {
            await using var many = await WithActionsAsync(35);
            var list = (await many.GetAsync($"{Api}/actions")).Json.EnumerateArray().ToList();
            var updated = list.ConvertAll(a => a.GetProperty("updated").GetInt64());
            Assert.Equal(30, list.Count);
            Assert.Equal(updated.OrderDescending(), updated);
            Assert.Equal("""{"binary":false}""", list[0].GetProperty("exec").GetRawText());
        }),
        new("39", async _ =>
        {
            await using var many = await WithActionsAsync(35);
            Assert.Equal(5, (await many.GetAsync($"{Api}/actions?skip=30")).Json.GetArrayLength());
            (await many.GetAsync($"{Api}/actions?skip=-1")).IsRefusal(400, "");
        }),
        new("40", async _ =>
        {
            await using var many = await WithActionsAsync(35);
            Assert.Equal("""{"actions":35}""", (await many.GetAsync($"{Api}/actions?count=true")).Text);
        }),
        new("41", async whisk =>
        {
            await whisk.PutPackageAsync("case41");
            await whisk.PutActionAsync("case41/a", New);
            Assert.Equal("guest/case41", (await whisk.GetAsync($"{Api}/actions/case41/a")).Json.GetProperty("namespace").GetString());
            var listed = Assert.Single((await whisk.GetAsync($"{Api}/actions/case41/")).Json.EnumerateArray());
            Assert.Equal(("a", "guest/case41"), (listed.GetProperty("name").GetString(), listed.GetProperty("namespace").GetString()));
        }),
        new("43", async whisk => (await whisk.PutActionAsync("case43/a", New)).IsRefusal(404, "The requested resource does not exist.")),
        new("44", async whisk =>
        {
            await whisk.PutPackageAsync("case44");
            await whisk.PutActionAsync("case44/a", New);
            (await whisk.SendAsync(HttpMethod.Delete, $"{Api}/packages/case44")).IsRefusal(409, "Package not empty (contains 1 entity)");
            Assert.Equal(200, (await whisk.SendAsync(HttpMethod.Delete, $"{Api}/packages/case44?force=true")).Status);
            (await whisk.GetAsync($"{Api}/actions/case44/a")).IsRefusal(404, "The requested resource does not exist.");
        }),
        new("45", async whisk =>
        {
            await whisk.PutPackageAsync("case45", """{"parameters":[{"key":"x","value":1},{"key":"y","value":1}]}""");
            await whisk.DeployAsync("case45/echo", Sources.Echo, more: """ "parameters":[{"key":"y","value":2},{"key":"z","value":2}] """);
            Assert.Equal("""{"x":1,"y":2,"z":3}""", (await whisk.CallAsync("case45/echo", """{"z":3}""", "?blocking=true&result=true")).Text);
        }),
        new("47", async whisk => (await whisk.SendAsync(HttpMethod.Put, $"{Api}/packages/default", "{}")).IsRefusal(400, "is reserved")),
        new("47a", async whisk =>
        {
            await whisk.PutActionAsync("case47a", New);
            Assert.Equal("1.2.3", (await whisk.PutActionAsync("case47a", """{"version":"1.2.3"}""", Overwrite)).Json.GetProperty("version").GetString());
            Assert.Equal("1.2.4", (await whisk.PutActionAsync("case47a", "{}", Overwrite)).Json.GetProperty("version").GetString());
        }),
    ];

    private static async Task<TestWhisk> WithActionsAsync(int count)
    {
        var whisk = await TestWhisk.StartAsync();
        foreach (var number in Enumerable.Range(0, count))
            await whisk.PutActionAsync($"a{number}", New);
        return whisk;
    }
}
