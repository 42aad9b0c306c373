using Orchestration.Core.Ports;
using Orchestration.OpenWhisk.Tests.Servers;
using static Orchestration.OpenWhisk.Tests.TestData;

namespace Orchestration.OpenWhisk.Tests;

/// <summary>What the client tells the pacing: the namespace's limits, and by which of them an invocation was turned away.</summary>
public sealed class LimitsTests
{
    public static TheoryData<int, string, int?, int?, bool> Answers => new()
    {
        { 200, """{"invocationsPerMinute":60,"concurrentInvocations":30,"maxParameterSize":"1048576 B"}""", 60, 30, true },
        { 200, """{"concurrentInvocations":30}""", null, 30, true },
        { 200, """{"invocationsPerMinute":"many","concurrentInvocations":1.5}""", null, null, true },
        { 200, "[1]", null, null, true },
        { 200, "<html>", null, null, true },
        { 404, """{"error":"The requested resource does not exist.","code":"x"}""", null, null, true },
        { 503, "", null, null, false },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task The_limits_are_what_the_namespace_tells(int status, string body, int? perMinute, int? concurrent, bool reached)
    {
        await using var server = await ScriptedServer.StartAsync(status, body);
        using var invoker = new OpenWhiskInvoker(Options(server.Url));
        Assert.Equal(new NamespaceLimits(perMinute, concurrent, reached), await invoker.GetLimitsAsync(default));
        Assert.Equal(("GET", "/api/v1/namespaces/_/limits"), (server.Only.Method, server.Only.Target));
    }

    [Fact]
    public async Task Of_a_platform_that_is_not_there_no_limits_are_known_yet()
    {
        using var invoker = new OpenWhiskInvoker(Options(FreePort.UrlOfNobody()));
        Assert.Equal(NamespaceLimits.None with { Reached = false }, await invoker.GetLimitsAsync(default));
    }

    public static TheoryData<int, string, PushbackKind?, int?> Refusals => new()
    {
        { 429, "Too many requests in the last minute (count: 61, allowed: 60).", PushbackKind.PerMinute, 60 },
        { 429, "Too many concurrent requests in flight (count: 31, allowed: 30).", PushbackKind.Concurrency, 30 },
        { 429, "Too many requests in the last minute (count: 61, allowed: 99999999999).", PushbackKind.PerMinute, null },
        { 429, "Too many requests", PushbackKind.Unspecified, null },
        { 503, "The server is currently unavailable (because it is overloaded or down for maintenance).", PushbackKind.Unavailable, null },
        { 404, "The requested resource does not exist.", null, null },
        { 500, "There was an internal server error.", null, null },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refusal_tells_the_limit_it_is_for(int status, string error, PushbackKind? kind, int? allowed)
    {
        var failed = await FailAsync(status, $$"""{"error":"{{error}}","code":"x"}""");
        Assert.Equal(kind is { } by ? new Pushback(by, allowed) : null, failed.Pushback);
    }

    [Fact]
    public async Task A_refusal_by_something_in_between_names_no_limit() =>
        Assert.Equal(new Pushback(PushbackKind.Unspecified), (await FailAsync(429, "<html>")).Pushback);

    [Fact]
    public async Task What_was_throttled_after_it_was_accepted_is_of_the_limit_of_activations_in_flight() =>
        Assert.Equal(new Pushback(PushbackKind.Concurrency), (await FailAsync(502, Failure("action developer error", "\"Too many concurrent requests in flight.\""))).Pushback);

    [Fact]
    public async Task A_platform_that_is_not_there_turns_away()
    {
        using var invoker = new OpenWhiskInvoker(Options(FreePort.UrlOfNobody()));
        var failed = Assert.IsType<InvokeReply.Failed>(await invoker.InvokeAsync(Request(), default));
        Assert.Equal(new Pushback(PushbackKind.Unavailable), failed.Pushback);
    }

    private static async Task<InvokeReply.Failed> FailAsync(int status, string body)
    {
        await using var server = await ScriptedServer.StartAsync(status, body);
        using var invoker = new OpenWhiskInvoker(Options(server.Url));
        return Assert.IsType<InvokeReply.Failed>(await invoker.InvokeAsync(Request(), default));
    }
}
