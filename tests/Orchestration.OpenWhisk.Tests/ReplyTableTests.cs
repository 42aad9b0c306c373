using Orchestration.Core.Facts;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;
using Orchestration.OpenWhisk.Tests.Servers;
using static Orchestration.OpenWhisk.Tests.TestData;

namespace Orchestration.OpenWhisk.Tests;

/// <summary>Every kind of reply to an invoke, as OpenWhisk's controller or something in front of it gives it.</summary>
public sealed class ReplyTableTests
{
    private const string Html = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    private static readonly ActivationTiming Timing = new(DateTimeOffset.FromUnixTimeMilliseconds(1760000001000), DateTimeOffset.FromUnixTimeMilliseconds(1760000001180));

    public static TheoryData<string, int, string, string, string> Failures => new()
    {
        { "application error", 502, Failure("application error", "\"boom\""), "application_error", "boom" },
        { "error by contract", 502, Failure("application error", """{"code":"NoSuchKey","message":"lost","meta":{"key":"a/b"}}"""), "application_error", "lost" },
        { "error of another kind", 502, Failure("application error", "null"), "application_error", "null" },
        { "half a surrogate pair", 502, Failure("application error", "\"\\ud800\""), "application_error", "ud800" },
        { "crash", 502, Failure("action developer error", "\"The action did not produce a valid response and exited unexpectedly.\""), "developer_error", "exited unexpectedly" },
        { "crash, not timed out", 502, Failure("action developer error", "\"x\"", """[{"key":"timeout","value":false},{"key":"path","value":"guest/hello"}]"""), "developer_error", "x" },
        { "time limit", 502, Failure("action developer error", "\"The action exceeded its time limits of 1000 milliseconds.\"", """[{"key":"path","value":"guest/hello"},{"key":"timeout","value":true}]"""), "timeout", "1000 milliseconds" },
        { "time limit, value first", 502, Failure("action developer error", "\"x\"", """[7,{"value":true,"key":"timeout"}]"""), "timeout", "x" },
        { "annotation of another name", 502, Failure("action developer error", "\"x\"", """[{"key":"conductor","value":true}]"""), "developer_error", "x" },
        { "platform error while running", 500, Failure("whisk internal error", "\"Failed to provision resources to run the action.\""), "whisk_error", "provision" },
        { "throttled after acceptance", 502, Failure("action developer error", "\"Too many concurrent requests in flight.\""), "throttled", "Too many" },
        { "an action's own error of that text", 502, Failure("application error", "\"Too many concurrent requests in flight.\""), "application_error", "Too many" },
        { "the local OpenWhisk stopped", 500, Failure("whisk internal error", "\"The local OpenWhisk stopped while the activation ran. Whether the action finished its work is unknown.\""), "interrupted", "stopped" },
        { "an action's own error of such a text", 502, Failure("application error", "\"The local OpenWhisk stopped while the activation ran. Whether the action finished its work is unknown.\""), "application_error", "stopped" },
        { "response over the limit", 502, Failure("application error", "\"The action produced a response that exceeded the allowed length: 2000000 > 1048576 bytes. The truncated response was: x\""), "application_error", "allowed length" },
        { "deleted while it waited", 502, Failure("application error", "\"Action could not be found or may have been deleted.\""), "application_error", "deleted" },
        { "limits beyond the namespace's", 502, Failure("application error", "\"requirement failed: memory 512 MB exceeds allowed threshold of 256 MB\""), "application_error", "threshold" },
        { "blocked namespace", 502, Failure("application error", "\"The action was not invoked due to a blacklisted namespace.\""), "application_error", "blacklisted" },
        { "time limit while it was initialised", 502, Failure("action developer error", "\"The action exceeded its time limits of 1000 milliseconds during initialization.\"", """[{"key":"timeout","value":true}]"""), "timeout", "initialization" },
        { "no valid result", 502, Failure("action developer error", "\"The action did not produce a valid JSON or JSON Array response: 7\""), "developer_error", "valid JSON" },
        { "failed to initialise", 502, Failure("action developer error", "\"The action failed during initialization: no\""), "developer_error", "during initialization" },
        { "crash while it was initialised", 502, Failure("action developer error", "\"The action did not initialize and exited unexpectedly.\""), "developer_error", "not initialize" },
        { "out of memory", 502, Failure("action developer error", "\"The action exhausted its memory and was aborted.\""), "developer_error", "memory" },
        { "no image", 502, Failure("action developer error", "\"Failed to pull container image 'x'.\""), "developer_error", "image" },
        { "old version", 500, Failure("whisk internal error", "\"Action version is not compatible and cannot be invoked.\""), "whisk_error", "compatible" },
        { "not fetched", 500, Failure("whisk internal error", "\"Action could not be fetched.\""), "whisk_error", "fetched" },
        { "too long in the queue", 500, Failure("whisk internal error", "\"Activation processing is not initiated for 60000 ms\""), "whisk_error", "not initiated" },
        { "throttled after acceptance, by configuration", 500, Failure("whisk internal error", "\"Too many concurrent requests in flight.\""), "throttled", "Too many" },
        { "no error in the record", 502, Record("""{"status":"whisk internal error","success":false}"""), "whisk_error", "without an error" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Records_of_failed_activations(string row, int status, string body, string outcome, string message)
    {
        var failed = Assert.IsType<InvokeReply.Failed>(await InvokeAsync(status, body, "application/json", ActivationHeader));
        Assert.Equal((row, outcome), (row, AttemptOutcomes.NameOf(failed.Outcome)));
        Assert.Contains(message, failed.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(ActivationId, failed.ActivationId);
        Assert.Equal(Timing, failed.Timing);
    }

    public static TheoryData<int, string, string, string, string> Refusals => new()
    {
        { 429, Error("Too many requests in the last minute (count: 61, allowed: 60)."), "application/json", "throttled", "count: 61" },
        { 429, Error("Too many concurrent requests in flight (count: 30, allowed: 30)."), "application/json", "throttled", "count: 30" },
        { 503, Error("The server is currently unavailable (because it is overloaded or down for maintenance)."), "application/json", "unavailable", "503" },
        { 503, Html, "text/html", "unavailable", "503" },
        { 400, Error("Request defines parameters that are not allowed (e.g., reserved properties)."), "application/json", "rejected", "not allowed" },
        { 401, Error("The supplied authentication is invalid"), "application/json", "rejected", "--auth" },
        { 401, "", "text/plain", "rejected", ".wskprops" },
        { 403, Error("The supplied authentication is not authorized to access 'other/hello'."), "application/json", "rejected", "not authorized" },
        { 404, Error("The requested resource does not exist."), "application/json", "rejected", "'wsk action list'" },
        { 404, Html, "text/html", "rejected", "not as OpenWhisk does" },
        { 409, Error("Resource by this name exists but is not in this collection."), "application/json", "rejected", "not an action" },
        { 413, Error("Request larger than allowed: 2000000 > 1048576 bytes."), "application/json", "rejected", "2000000" },
        { 413, Html, "text/html", "rejected", "object store" },
        { 415, Error("The request's Content-Type is not supported."), "application/json", "rejected", "Content-Type" },
        { 405, Html, "text/html", "rejected", "405" },
        { 301, "", "text/html", "rejected", "redirects (301) to https://elsewhere" },
        { 307, "", "text/html", "rejected", "redirects (307)" },
        { 408, Html, "text/html", "unknown", "408" },
        { 500, Error("There was an internal server error."), "application/json", "unknown", "internal server error" },
        { 500, "", "application/json", "unknown", "500" },
        { 502, Html, "text/html", "unknown", "502" },
        { 502, Error("something"), "application/json", "unknown", "something" },
        { 504, Html, "text/html", "unknown", "504" },
        { 200, Html, "text/html", "unknown", "200" },
        { 200, "[1]", "application/json", "unknown", "200" },
        { 200, """{"n":1""", "application/json", "unknown", "200" },
        { 200, """{"n":1}""", "application/json", "unknown", "200" },
        { 202, "{}", "application/json", "unknown", "202" },
        { 204, "", "application/json", "unknown", "204" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Answers_without_an_activation(int status, string body, string contentType, string outcome, string message)
    {
        var failed = Assert.IsType<InvokeReply.Failed>(await InvokeAsync(status, body, contentType, ("Location", "https://elsewhere")));
        Assert.Equal(outcome, AttemptOutcomes.NameOf(failed.Outcome));
        Assert.Contains(message, failed.Failure.Message, StringComparison.Ordinal);
        if (outcome == "rejected")
            Assert.Contains("action 'hello'", failed.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(status.ToString(System.Globalization.CultureInfo.InvariantCulture), failed.Failure.Code);
        Assert.Null(failed.ActivationId);
        Assert.DoesNotContain("not-a-real-key", failed.Failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"n":42}""")]
    [InlineData("""{"text":"Zoë \u00e9 \"quoted\"","list":[1,2.5e3,null]}""")]
    [InlineData("[1,2]")]
    public async Task A_result_is_passed_on_byte_for_byte(string result)
    {
        var succeeded = Assert.IsType<InvokeReply.Succeeded>(await InvokeAsync(200, Success(result), "application/json", ActivationHeader));
        Assert.Equal(result, succeeded.Result.ToString());
        Assert.Equal((ActivationId, Timing), (succeeded.ActivationId, succeeded.Timing));
        Assert.True(succeeded.Objects.IsEmpty);
    }

    [Fact]
    public async Task A_record_counts_without_the_header_too()
    {
        var failed = Assert.IsType<InvokeReply.Failed>(await InvokeAsync(502, Failure("application error", "\"boom\""), "application/json"));
        Assert.Equal((AttemptOutcome.ApplicationError, ActivationId), (failed.Outcome, failed.ActivationId));
    }

    [Fact]
    public async Task A_record_without_times_has_no_timing()
    {
        var body = Record("""{"status":"success","success":true}""", times: "\"start\":1760000001000,");
        var succeeded = Assert.IsType<InvokeReply.Succeeded>(await InvokeAsync(200, body, "application/json", ActivationHeader));
        Assert.Null(succeeded.Timing);
        Assert.Equal("null", succeeded.Result.ToString());
    }

    [Fact]
    public async Task An_array_as_result_comes_without_its_record()
    {
        var succeeded = Assert.IsType<InvokeReply.Succeeded>(await InvokeAsync(200, "[1, {\"a\":2}]", "application/json", ActivationHeader));
        Assert.Equal((ActivationId, """[1,{"a":2}]"""), (succeeded.ActivationId, succeeded.Result.ToString()));
    }

    [Theory]
    [InlineData(202, """{"activationId":"0123456789abcdef0123456789abcdef"}""", false)]
    [InlineData(202, "", true)]
    [InlineData(200, """{"n":1}""", true)]
    [InlineData(200, "[1,", true)]
    [InlineData(502, """{"error":"boom"}""", true)]
    [InlineData(502, "<html>", true)]
    [InlineData(500, "", true)]
    public async Task What_was_accepted_and_not_told_is_awaited(int status, string body, bool header)
    {
        var reply = await InvokeAsync(status, body, "application/json", header ? [ActivationHeader] : []);
        Assert.Equal(ActivationId, Assert.IsType<InvokeReply.Accepted>(reply).ActivationId);
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(3000, false)]
    public async Task A_result_deeper_than_any_reader_behind_takes_is_the_actions_error(int depth, bool fits)
    {
        var result = string.Concat(Enumerable.Repeat("{\"a\":", depth - 1)) + "{}" + new string('}', depth - 1);
        var reply = await InvokeAsync(200, Success(result), "application/json", ActivationHeader);
        if (fits)
        {
            Assert.Equal(result, Assert.IsType<InvokeReply.Succeeded>(reply).Result.ToString());
            return;
        }
        var failed = Assert.IsType<InvokeReply.Failed>(reply);
        Assert.Equal((AttemptOutcome.DeveloperError, ActivationId), (failed.Outcome, failed.ActivationId));
        Assert.Contains("deeper than 64", failed.Failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reply_longer_than_allowed_is_not_read(bool announced)
    {
        var body = Success($"\"{new string('x', 5000)}\"");
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            context.Response.Headers[ActivationHeader.Item1] = ActivationHeader.Item2;
            var bytes = System.Text.Encoding.UTF8.GetBytes(body);
            if (announced)
                context.Response.ContentLength = bytes.Length;
            await context.Response.Body.WriteAsync(bytes);
        });
        using var invoker = new OpenWhiskInvoker(Options(server.Url) with { MaxReplyBytes = 2000 });
        var failed = Assert.IsType<InvokeReply.Failed>(await invoker.InvokeAsync(Request(), default));
        Assert.Equal(AttemptOutcome.DeveloperError, failed.Outcome);
        Assert.Contains("MaxReplyBytes", failed.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reply_of_unknown_length_is_read_to_its_end()
    {
        var result = $$"""{"text":"{{new string('x', 300_000)}}"}""";
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            foreach (var piece in System.Text.Encoding.UTF8.GetBytes(Success(result)).Chunk(7000))
            {
                await context.Response.Body.WriteAsync(piece);
                await context.Response.Body.FlushAsync();
            }
        });
        using var invoker = new OpenWhiskInvoker(Options(server.Url));
        Assert.Equal(result, Assert.IsType<InvokeReply.Succeeded>(await invoker.InvokeAsync(Request(), default)).Result.ToString());
    }

    private static string Error(string text) => $$"""{"error":"{{text}}","code":"aB3dEfGh1jKlMn0pQrStUvWxYz012345"}""";

    private static async Task<InvokeReply> InvokeAsync(int status, string body, string contentType, params (string, string)[] headers)
    {
        await using var server = status is 204 or 304
            ? await ScriptedServer.StartAsync(context => { context.Response.StatusCode = status; return Task.CompletedTask; })
            : await ScriptedServer.StartAsync(status, body, contentType, headers);
        using var invoker = new OpenWhiskInvoker(Options(server.Url));
        var reply = await invoker.InvokeAsync(Request(), default);
        Assert.Single(server.Seen);
        return reply;
    }
}
