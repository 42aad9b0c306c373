using System.Globalization;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;
using Orchestration.OpenWhisk.Tests.Servers;
using static Orchestration.OpenWhisk.Tests.TestData;

namespace Orchestration.OpenWhisk.Tests;

/// <summary>A page of the list of activations, in which the ends of many are looked for.</summary>
public sealed class ActivationListTests
{
    private const string Other = "ffffffffffffffffffffffffffffffff";
    private static readonly DateTimeOffset Since = DateTimeOffset.FromUnixTimeMilliseconds(1760000000000);
    private static readonly Dictionary<string, InvokeRequest> Wanted = new() { [ActivationId] = Request(), [Other] = Request() };

    [Fact]
    public async Task It_is_asked_for_by_start_with_full_records()
    {
        await using var server = await ScriptedServer.StartAsync(200, "[]");
        using var invoker = new OpenWhiskInvoker(Options(server.Url));
        var page = await invoker.ListActivationsAsync(Wanted, Since, Since.AddSeconds(1), 200, default);
        Assert.Equal((PageAnswer.Read, 0, null), (page.Answer, page.Count, page.Oldest));
        Assert.Equal("/api/v1/namespaces/_/activations?docs=true&limit=200&skip=200&since=1760000000000&upto=1760000001000", server.Only.Target);
    }

    [Fact]
    public async Task Only_what_is_wanted_and_has_ended_is_found()
    {
        var running = Success("{}").Replace(ActivationId, Other, StringComparison.Ordinal).Replace("response", "no-response", StringComparison.Ordinal);
        var anothers = Success("{}").Replace(ActivationId, new string('0', 32), StringComparison.Ordinal);
        var page = await ListAsync(200, $"[{anothers}, {running} ,{Failure("action developer error", "\"late\"", """[{"key":"timeout","value":true}]""")}]");
        Assert.Equal((PageAnswer.Read, 3, null), (page.Answer, page.Count, page.Oldest));
        var (id, end) = Assert.Single(page.Found);
        Assert.Equal((ActivationId, AttemptOutcome.Timeout), (id, Assert.IsType<InvokeReply.Failed>(end).Outcome));
    }

    [Fact]
    public async Task A_full_page_tells_from_where_to_go_on()
    {
        var starts = Enumerable.Range(0, 200).Select(n => string.Create(CultureInfo.InvariantCulture, $"\"start\":{1760000001000 - n},\"end\":1760000002000,"));
        var page = await ListAsync(200, $"[{string.Join(',', starts.Select(s => Record("""{"status":"success","success":true,"result":{}}""", times: s)))}]");
        Assert.Equal((200, DateTimeOffset.FromUnixTimeMilliseconds(1760000001000 - 199)), (page.Count, page.Oldest));
    }

    [Theory]
    [InlineData(200, "<html>", PageAnswer.NotOffered)]
    [InlineData(200, "{}", PageAnswer.NotOffered)]
    [InlineData(200, "[{\"activationId\":", PageAnswer.NotOffered)]
    [InlineData(404, "", PageAnswer.NotOffered)]
    [InlineData(403, "", PageAnswer.NotOffered)]
    [InlineData(429, "", PageAnswer.Unreached)]
    [InlineData(503, "", PageAnswer.Unreached)]
    [InlineData(502, "<html>", PageAnswer.Unreached)]
    public async Task What_is_no_page_finds_nothing(int status, string body, PageAnswer answer)
    {
        var page = await ListAsync(status, body);
        Assert.Equal((answer, 0), (page.Answer, page.Found.Count));
    }

    [Fact]
    public async Task A_page_too_long_to_be_read_leaves_each_to_be_asked_for_by_itself()
    {
        await using var server = await ScriptedServer.StartAsync(200, $"[{Success($$"""{"text":"{{new string('x', 2000)}}"}""")}]");
        using var invoker = new OpenWhiskInvoker(Options(server.Url) with { MaxReplyBytes = 1024 });
        Assert.Equal(PageAnswer.NotOffered, (await invoker.ListActivationsAsync(Wanted, Since, null, 0, default)).Answer);
    }

    [Fact]
    public async Task Without_a_server_nothing_is_known()
    {
        using var invoker = new OpenWhiskInvoker(Options(FreePort.UrlOfNobody()));
        Assert.Equal(PageAnswer.Unreached, (await invoker.ListActivationsAsync(Wanted, Since, null, 0, default)).Answer);
    }

    public static TheoryData<string, bool> Members => new()
    {
        { $$"""{"v":1,"actionId":"{{ActionIdText}}","attempt":2,"reads":[],"writes":[],"missing":[]}""", true },
        { $$"""{"v":1,"actionId":"{{ActionIdText}}","attempt":1}""", false },
        { """{"v":1,"actionId":"ffffffffffffffffffffffff","attempt":2}""", false },
        { """{"v":1,"report":"b/k"}""", false },
        { "7", false },
    };

    [Theory]
    [MemberData(nameof(Members))]
    public async Task A_record_is_taken_for_an_invocation_only_when_it_names_its_action_and_attempt(string member, bool isFound)
    {
        var anothers = Success("""{"n":1}""");
        foreach (var own in new[] { Success($$"""{"n":2,"__orchestration":{{member}}}"""), Failure("application error", $$"""{"code":"E","message":"m","__orchestration":{{member}}}""") })
        {
            await using var server = await ScriptedServer.StartAsync(200, $"[{anothers},{own}]");
            using var invoker = new OpenWhiskInvoker(Options(server.Url));
            var found = await invoker.FindActivationAsync(Request(name: "/_/pkg/hello"), Since, default);
            Assert.Equal(isFound, found is InvokeReply.Succeeded { Result: var result } ? result.ToString() == """{"n":2}""" : found is InvokeReply.Failed { Failure.Message: "m" });
            Assert.Equal("/api/v1/namespaces/_/activations?docs=true&limit=200&since=1760000000000&name=pkg/hello", server.Only.Target);
        }
    }

    private static async Task<ActivationPage> ListAsync(int status, string body)
    {
        await using var server = await ScriptedServer.StartAsync(status, body);
        using var invoker = new OpenWhiskInvoker(Options(server.Url));
        return await invoker.ListActivationsAsync(Wanted, Since, null, 0, default);
    }
}
