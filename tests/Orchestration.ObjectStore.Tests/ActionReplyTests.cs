using System.Text;
using System.Text.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;

namespace Orchestration.ObjectStore.Tests;

public sealed class ActionReplyTests : IDisposable
{
    private const string Ids = """ "context":{"action_id":"aaaaaaaaaaaaaaaaaaaaaaaa","orch_id":"bbbbbbbbbbbbbbbbbbbbbbbb"} """;
    private static readonly ObjectKey One = ObjectKey.Parse("texts/one");
    private readonly string _folder = Directory.CreateTempSubdirectory("reply-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_result_carries_what_was_read_and_written()
    {
        var reply = await RunAsync($$"""{ {{Ids}}, "__orchestration":{"attempt":2,"fencing":[]} }""", async store =>
        {
            await store.MakeBucketAsync("texts", default);
            await store.PutAsync(One, new MemoryStream("hello"u8.ToArray()), default);
            return JsonSerializer.Serialize(new { text = Encoding.UTF8.GetString(await store.ReadAsync(One)) });
        });

        Assert.Equal("hello", reply.GetProperty("text").GetString());
        var report = reply.GetProperty("__orchestration");
        Assert.Equal(("aaaaaaaaaaaaaaaaaaaaaaaa", 2), (report.GetProperty("actionId").GetString(), report.GetProperty("attempt").GetInt32()));
        Assert.Equal(5, Assert.Single(report.GetProperty("reads").EnumerateArray()).GetProperty("size").GetInt32());
        Assert.Single(report.GetProperty("writes").EnumerateArray());
    }

    [Fact]
    public async Task A_missing_object_is_NoSuchKey_with_its_name_and_the_report_inside_the_error()
    {
        var reply = await RunAsync($$"""{ {{Ids}}, "__orchestration":{"attempt":1,"fencing":[]} }""", async store => Encoding.UTF8.GetString(await store.ReadAsync(One)));

        Assert.Equal(["error"], reply.EnumerateObject().Select(m => m.Name));
        var error = reply.GetProperty("error");
        Assert.Equal(("NoSuchKey", "texts/one"), (error.GetProperty("code").GetString(), error.GetProperty("meta").GetProperty("key").GetString()));
        Assert.Equal("texts/one", Assert.Single(error.GetProperty("__orchestration").GetProperty("missing").EnumerateArray()).GetProperty("object").GetString());
    }

    [Fact]
    public async Task Without_an_orchestrator_there_is_no_report()
    {
        Assert.Equal("""{"a":1}""", (await RunAsync("{}", _ => Task.FromResult("""{"a":1}"""))).GetRawText());
        Assert.Equal("""{"error":{"code":"Bad","message":"no","meta":null}}""", (await RunAsync("{}", _ => throw new ActionFailedException("Bad", "no"))).GetRawText());
        Assert.Equal("InvalidOperationException", Code(await RunAsync("{}", _ => throw new InvalidOperationException("oh"))));
        Assert.Equal("AccessDenied", Code(await RunAsync("{}", _ => throw new ObjectStoreException("AccessDenied", "no"))));
        Assert.Equal("BadResult", Code(await RunAsync("{}", _ => Task.FromResult("[1]"))));
    }

    [Fact]
    public async Task An_object_is_written_under_the_grant_that_the_invocation_brings()
    {
        string Grant(int number) => $$"""{ {{Ids}}, "__orchestration":{"attempt":1,"fencing":[{"object":"texts/one","number":{{number}}}]} }""";
        async Task<string> PutAsync(TrackedObjectStore store)
        {
            await store.MakeBucketAsync("texts", default);
            await store.PutAsync(One, new MemoryStream([1]), default);
            return "{}";
        }

        Assert.False((await RunAsync(Grant(7), PutAsync)).TryGetProperty("error", out _));
        Assert.Equal("FencingTokenStale", Code(await RunAsync(Grant(6), PutAsync)));
    }

    private static string? Code(JsonElement reply) => reply.GetProperty("error").GetProperty("code").GetString();

    private async Task<JsonElement> RunAsync(string invocation, Func<TrackedObjectStore, Task<string>> body) =>
        JsonDocument.Parse(await ActionReply.RunAsync(invocation, ObjectStoreFactory.Create($"file:{_folder}"), body)).RootElement;
}
