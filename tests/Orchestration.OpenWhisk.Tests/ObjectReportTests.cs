using System.Text;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;
using Orchestration.OpenWhisk.Tests.Servers;
using static Orchestration.OpenWhisk.Tests.TestData;

namespace Orchestration.OpenWhisk.Tests;

public sealed class ObjectReportTests
{
    private const string Entries = """
        "reads":[{"object":"in/a.mp4","size":12,"etag":"c-1","time":"2026-01-02T03:04:05.678Z"}],
        "writes":[{"object":"out/x/b.mp4","size":3000000000,"etag":null,"time":"2026-01-02T04:04:06+01:00"}],
        "missing":[{"object":"in/gone","time":"2026-01-02T03:04:07Z"}]
        """;

    private const string Valid = $$"""{"v":1,"actionId":"{{ActionIdText}}","attempt":2,{{Entries}}}""";

    private static readonly ObjectReport Expected = new(
        [new ObjectAccess(ObjectKey.Parse("in/a.mp4"), 12, "c-1", new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero))],
        [new ObjectAccess(ObjectKey.Parse("out/x/b.mp4"), 3_000_000_000, null, new DateTimeOffset(2026, 1, 2, 3, 4, 6, TimeSpan.Zero))],
        [new ObjectAccess(ObjectKey.Parse("in/gone"), 0, null, new DateTimeOffset(2026, 1, 2, 3, 4, 7, TimeSpan.Zero))]);

    [Theory]
    [InlineData($$$"""{"__orchestration":{{{Valid}}}}""", "{}")]
    [InlineData($$$"""{"n":1,"__orchestration":{{{Valid}}}}""", """{"n":1}""")]
    [InlineData($$$"""{"__orchestration":{{{Valid}}},"n":1,"m":[2]}""", """{"n":1,"m":[2]}""")]
    [InlineData($$$"""{"a": "x" , "__orchestration" : {{{Valid}}} , "b" : {"c":1} }""", """{"a": "x","b" : {"c":1}}""")]
    public async Task A_report_beside_the_result_is_read_and_taken_out(string result, string expected)
    {
        var succeeded = await SucceedAsync(result);
        Assert.Equal(expected, succeeded.Result.ToString());
        Assert.Equal(Expected, succeeded.Objects);
        Assert.Equal(TimeSpan.Zero, succeeded.Objects.Writes[0].Time.Offset);
    }

    [Fact]
    public async Task A_report_inside_the_error_is_read_and_taken_out()
    {
        var failed = await FailAsync($$$"""{"code":"NoSuchKey","message":"lost","meta":{"key":"in/gone"},"__orchestration":{{{Valid}}}}""");
        Assert.Equal((AttemptOutcome.ApplicationError, "NoSuchKey"), (failed.Outcome, failed.Failure.Code));
        Assert.Equal("""{"code":"NoSuchKey","message":"lost","meta":{"key":"in/gone"}}""", failed.Failure.Raw!.Value.ToString());
        Assert.Equal(Expected, failed.Objects);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("[]")]
    [InlineData("""{"attempt":2,"fencing":[]}""")]
    [InlineData($$"""{"v":2,"actionId":"{{ActionIdText}}","attempt":2,{{Entries}}}""")]
    [InlineData($$"""{"v":1,"actionId":"{{OrchestrationIdText}}","attempt":2,{{Entries}}}""")]
    [InlineData($$"""{"v":1,"actionId":"{{ActionIdText}}","attempt":1,{{Entries}}}""")]
    [InlineData($$"""{"v":1,"actionId":7,"attempt":2,{{Entries}}}""")]
    [InlineData($$"""{"v":1,"actionId":"\ud800","attempt":2,{{Entries}}}""")]
    [InlineData("""{"v":1,"actionId":"6745a1b2c3d4e5f601234568","attempt":2,"reads":{}}""")]
    [InlineData($$"""{"v":1,"actionId":"{{ActionIdText}}","attempt":2,"reads":[7]}""")]
    [InlineData($$"""{"v":1,"actionId":"{{ActionIdText}}","attempt":2,"reads":[{"object":"noslash","size":1,"time":"2026-01-02T03:04:05Z"}]}""")]
    [InlineData($$"""{"v":1,"actionId":"{{ActionIdText}}","attempt":2,"reads":[{"object":"a/b","size":-1,"time":"2026-01-02T03:04:05Z"}]}""")]
    [InlineData($$"""{"v":1,"actionId":"{{ActionIdText}}","attempt":2,"reads":[{"object":"a/b","size":1,"time":"yesterday"}]}""")]
    [InlineData($$"""{"v":1,"actionId":"{{ActionIdText}}","attempt":2,"reads":[{"object":"a/b","size":1,"etag":7,"time":"2026-01-02T03:04:05Z"}]}""")]
    [InlineData("""{"v":1,"report":"noslash"}""")]
    [InlineData("""{"v":1,"report":7}""")]
    public async Task A_report_that_is_not_as_it_should_be_counts_as_none_and_fails_nothing(string report)
    {
        var succeeded = await SucceedAsync($$$"""{"n":1,"__orchestration":{{{report}}}}""");
        Assert.Equal("""{"n":1}""", succeeded.Result.ToString());
        Assert.True(succeeded.Objects.IsEmpty);
    }

    [Theory]
    [InlineData("""{"inner":{"__orchestration":{"v":1}}}""")]
    [InlineData("""{"n":"\"__orchestration\""}""")]
    [InlineData("""["__orchestration"]""")]
    [InlineData("\"__orchestration\"")]
    public async Task The_name_elsewhere_in_a_result_is_the_actions_own(string result) =>
        Assert.Equal(result, (await SucceedAsync(result)).Result.ToString());

    [Fact]
    public async Task An_empty_report_is_one()
    {
        var succeeded = await SucceedAsync($$$"""{"__orchestration":{"v":1,"actionId":"{{{ActionIdText}}}","attempt":2}}""");
        Assert.True(succeeded.Objects.IsEmpty);
        Assert.Equal("{}", succeeded.Result.ToString());
    }

    [Fact]
    public async Task A_report_stored_as_an_object_is_fetched()
    {
        var asked = new List<ObjectKey>();
        Task<byte[]?> Load(ObjectKey key, CancellationToken cancellation)
        {
            asked.Add(key);
            return Task.FromResult<byte[]?>(Encoding.UTF8.GetBytes(Valid));
        }
        var succeeded = await SucceedAsync("""{"n":1,"__orchestration":{"v":1,"report":"out/.orchestration/x.json"}}""", Load);
        Assert.Equal(Expected, succeeded.Objects);
        Assert.Equal("""{"n":1}""", succeeded.Result.ToString());
        var failed = await FailAsync("""{"message":"lost","__orchestration":{"v":1,"report":"out/.orchestration/x.json"}}""", Load);
        Assert.Equal(Expected, failed.Objects);
        Assert.Equal([ObjectKey.Parse("out/.orchestration/x.json"), ObjectKey.Parse("out/.orchestration/x.json")], asked);
    }

    [Theory]
    [InlineData("""{"v":1,"report":"out/again.json"}""")]
    [InlineData("not json")]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("throw")]
    public async Task A_stored_report_that_cannot_be_used_counts_as_none(string? stored)
    {
        var succeeded = await SucceedAsync("""{"n":1,"__orchestration":{"v":1,"report":"out/x.json"}}""", (_, _) => stored switch
        {
            "throw" => throw new IOException("the store is away"),
            null => Task.FromResult<byte[]?>(null),
            _ => Task.FromResult<byte[]?>(Encoding.UTF8.GetBytes(stored)),
        });
        Assert.True(succeeded.Objects.IsEmpty);
        Assert.Equal("""{"n":1}""", succeeded.Result.ToString());
    }

    private static async Task<InvokeReply.Succeeded> SucceedAsync(string result, Func<ObjectKey, CancellationToken, Task<byte[]?>>? load = null) =>
        Assert.IsType<InvokeReply.Succeeded>(await InvokeAsync(200, Success(result), load));

    private static async Task<InvokeReply.Failed> FailAsync(string error, Func<ObjectKey, CancellationToken, Task<byte[]?>>? load = null) =>
        Assert.IsType<InvokeReply.Failed>(await InvokeAsync(502, Failure("application error", error), load));

    private static async Task<InvokeReply> InvokeAsync(int status, string body, Func<ObjectKey, CancellationToken, Task<byte[]?>>? load)
    {
        await using var server = await ScriptedServer.StartAsync(status, body, headers: ActivationHeader);
        using var invoker = new OpenWhiskInvoker(Options(server.Url) with { LoadReport = load });
        return await invoker.InvokeAsync(Request(), default);
    }
}
