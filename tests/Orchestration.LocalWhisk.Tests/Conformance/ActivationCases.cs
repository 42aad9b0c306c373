using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests.Conformance;

/// <summary>Activation records and their lists.</summary>
internal static class ActivationCases
{
    private const string Activations = $"{TestWhisk.Api}/activations";
    private const string Missing = "The requested resource does not exist.";

    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        new("76", async whisk =>
        {
            var id = (await whisk.CallAsync("sleep", """{"ms":1500}""", "")).ActivationId!;
            (await whisk.GetAsync($"{Activations}/{id}")).IsRefusal(404, Missing);
            await whisk.RecordAsync(id);
        }),
        new("77", async whisk => (await whisk.GetAsync($"{Activations}/{Guid.NewGuid():N}")).IsRefusal(404, Missing)),
        new("79", async _ =>
        {
            await using var late = await TestWhisk.StartAsync(o => o with { RecordDelay = TimeSpan.FromSeconds(1) });
            await late.DeployAsync("echo", Sources.Echo);
            var reply = await late.CallAsync("echo");
            Assert.Equal(200, reply.Status);
            (await late.GetAsync($"{Activations}/{reply.ActivationId}")).IsRefusal(404, Missing);
            await late.RecordAsync(reply.ActivationId!);
        }),
        new("80", async whisk =>
        {
            await whisk.DeployAsync("case80", Sources.Echo);
            var first = await whisk.RecordAsync((await whisk.CallAsync("case80")).ActivationId!);
            var second = await whisk.RecordAsync((await whisk.CallAsync("case80")).ActivationId!);
            string[] fields = ["activationId", "namespace", "name", "subject", "version", "publish", "start", "end", "duration", "response", "logs", "annotations"];
            Assert.Equal(fields.Order(), first.EnumerateObject().Select(p => p.Name).Order());
            var (start, end) = (first.GetProperty("start").GetInt64(), first.GetProperty("end").GetInt64());
            Assert.Equal(end - start, first.GetProperty("duration").GetInt64());
            Assert.InRange(end, start, long.MaxValue);
            Assert.All(["path", "kind", "limits", "waitTime", "timeout"], key => Assert.NotNull(first.Annotation(key)));
            Assert.NotNull(first.Annotation("initTime"));
            Assert.Null(second.Annotation("initTime"));
        }),
        new("81", async whisk =>
        {
            var id = (await whisk.CallAsync("log")).ActivationId!;
            var record = await whisk.RecordAsync(id);
            Assert.Equal(record.GetProperty("response").GetRawText(), (await whisk.GetAsync($"{Activations}/{id}/result")).Text);
            Assert.Equal($$"""{"logs":{{record.GetProperty("logs").GetRawText()}}}""", (await whisk.GetAsync($"{Activations}/{id}/logs")).Text);
            (await whisk.GetAsync($"{Activations}/{id}/x")).IsRefusal(404, "");
        }),
        new("83", async _ =>
        {
            await using var whisk = await WithCallsAsync("echo", "appfail", "crash");
            var list = (await whisk.GetAsync(Activations)).Json.EnumerateArray().ToList();
            Assert.Equal([2, 1, 0], list.Select(a => a.GetProperty("statusCode").GetInt32()));
            Assert.Equal(["crash", "appfail", "echo"], list.Select(a => a.GetProperty("name").GetString()));
            Assert.DoesNotContain(list, a => a.EnumerateObject().Any(p => p.Name is "response" or "logs"));
        }),
        new("84", async whisk =>
        {
            var record = await whisk.RecordAsync((await whisk.CallAsync("log")).ActivationId!);
            var listed = (await whisk.GetAsync($"{Activations}?docs=true&name=log")).Json.EnumerateArray();
            Assert.Contains(record.GetRawText(), listed.Select(a => a.GetRawText()));
        }),
        new("85", async whisk =>
        {
            await whisk.PutPackageAsync("case85");
            await whisk.DeployAsync("case85/in85", Sources.Echo);
            await whisk.DeployAsync("out85", Sources.Echo);
            await whisk.RecordAsync((await whisk.CallAsync("case85/in85")).ActivationId!);
            await whisk.RecordAsync((await whisk.CallAsync("out85")).ActivationId!);
            foreach (var (name, count) in new[] { ("out85", 1), ("case85/in85", 1), ("in85", 0) })
                Assert.Equal(count, (await whisk.GetAsync($"{Activations}?name={name}")).Json.GetArrayLength());
        }),
        new("87", async _ =>
        {
            await using var whisk = await WithCallsAsync("echo");
            var start = (await whisk.GetAsync(Activations)).Json[0].GetProperty("start").GetInt64();
            Assert.Equal(1, (await whisk.GetAsync($"{Activations}?since={start}&upto={start}")).Json.GetArrayLength());
            Assert.Equal(0, (await whisk.GetAsync($"{Activations}?since={start + 1}")).Json.GetArrayLength());
            Assert.Equal(0, (await whisk.GetAsync($"{Activations}?upto={start - 1}")).Json.GetArrayLength());
            (await whisk.GetAsync($"{Activations}?since=x")).IsRefusal(400, "epoch seconds");
        }),
        new("88", async _ =>
        {
            await using var whisk = await WithCallsAsync("echo", "echo");
            Assert.Equal("""{"activations":2}""", (await whisk.GetAsync($"{Activations}?count=true")).Text);
            (await whisk.GetAsync($"{Activations}?count=true&docs=true")).IsRefusal(400, "not permitted with 'count'");
        }),
        new("89", async whisk =>
        {
            foreach (var method in (HttpMethod[])[HttpMethod.Put, HttpMethod.Post, HttpMethod.Delete])
                (await whisk.SendAsync(method, $"{Activations}/{Guid.NewGuid():N}")).IsRefusal(405, "");
        }),
    ];

    private static async Task<TestWhisk> WithCallsAsync(params string[] names)
    {
        var whisk = await TestWhisk.StartAsync();
        foreach (var name in names)
        {
            await whisk.DeployAsync(name, Sources.Fixtures[name]);
            await whisk.RecordAsync((await whisk.CallAsync(name)).ActivationId!);
        }
        return whisk;
    }
}
