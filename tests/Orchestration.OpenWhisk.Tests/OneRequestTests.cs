using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;
using Orchestration.OpenWhisk.Http;
using Orchestration.OpenWhisk.Tests.Servers;
using static Orchestration.OpenWhisk.Tests.TestData;

namespace Orchestration.OpenWhisk.Tests;

/// <summary>A POST leaves at most once, whatever happens to its connection.</summary>
public sealed class OneRequestTests
{
    private static readonly string Good = Success("{}");
    private static readonly string GoodReply = $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Good.Length}\r\n\r\n{Good}";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_ends_after_the_request_leaves_open_what_happened(bool reset)
    {
        await using var server = new RawServer((_, _, socket) =>
        {
            if (reset)
                socket.LingerState = new LingerOption(true, 0);
            return Task.FromResult(false);
        });
        using var invoker = new OpenWhiskInvoker(Options(server.Url));
        await UnknownAsync(invoker);
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pooled_connection_that_ends_after_the_next_request_is_not_tried_again(bool reset)
    {
        await using var server = new RawServer(async (number, _, socket) =>
        {
            if (number > 1)
            {
                if (reset)
                    socket.LingerState = new LingerOption(true, 0);
                return false;
            }
            await RawServer.SendAsync(socket, GoodReply);
            return true;
        });
        using var invoker = new OpenWhiskInvoker(Options(server.Url));
        Assert.IsType<InvokeReply.Succeeded>(await invoker.InvokeAsync(Request(), default));
        await UnknownAsync(invoker);
        Assert.Equal(2, server.Requests);
    }

    [Fact]
    public async Task A_pooled_connection_closed_in_between_is_replaced_before_anything_is_sent()
    {
        await using var server = new RawServer(async (_, _, socket) =>
        {
            await RawServer.SendAsync(socket, GoodReply);
            return false;
        });
        using var invoker = new OpenWhiskInvoker(Options(server.Url));
        // The server's close may meet the next request under way: then that one's end is open, but it went out once.
        for (var i = 1; i <= 20; i++)
        {
            var reply = await invoker.InvokeAsync(Request(), default);
            Assert.True(reply is InvokeReply.Succeeded or InvokeReply.Failed { Outcome: AttemptOutcome.Unknown }, reply.ToString());
        }
        Assert.InRange(server.Requests, 1, 20);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_awaited_when_it_named_the_activation()
    {
        await using var server = new RawServer(async (number, _, socket) =>
        {
            var id = number == 1 ? $"x-openwhisk-activation-id: {ActivationId}\r\n" : "";
            await RawServer.SendAsync(socket, $"HTTP/1.1 200 OK\r\n{id}Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{{\"activationId\":");
            return false;
        });
        using var invoker = new OpenWhiskInvoker(Options(server.Url));
        Assert.Equal(ActivationId, Assert.IsType<InvokeReply.Accepted>(await invoker.InvokeAsync(Request(), default)).ActivationId);
        await UnknownAsync(invoker);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var server = await ScriptedServer.StartAsync(307, "", headers: ("Location", "/elsewhere"));
        using var invoker = new OpenWhiskInvoker(Options(server.Url));
        Assert.Equal(AttemptOutcome.Rejected, Assert.IsType<InvokeReply.Failed>(await invoker.InvokeAsync(Request(), default)).Outcome);
        Assert.Single(server.Seen);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_in_time_leaves_open_what_happened()
    {
        var end = new TaskCompletionSource();
        await using var server = await ScriptedServer.StartAsync(_ => end.Task);
        using var invoker = new OpenWhiskInvoker(Options(server.Url) with { Blocking = false, RequestTimeout = TimeSpan.FromMilliseconds(200) });
        await UnknownAsync(invoker);
        Assert.Single(server.Seen);
        end.SetResult();
    }

    [Fact]
    public async Task A_wait_for_a_free_connection_that_is_too_long_sent_nothing()
    {
        var end = new TaskCompletionSource();
        var arrived = new TaskCompletionSource();
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            arrived.TrySetResult();
            await end.Task;
            await context.Response.WriteAsync(Good);
        });
        using var connection = new WhiskConnection(Options(server.Url) with { MaxConnections = 1 });
        using var first = new OnceContent("{}"u8.ToArray(), default);
        var holding = connection.SendAsync(HttpMethod.Post, connection.Url("/first"), first, TimeSpan.FromSeconds(60), default);
        await arrived.Task;
        using var second = new OnceContent("{}"u8.ToArray(), default);
        var none = await Assert.ThrowsAsync<NoReplyException>(
            () => connection.SendAsync(HttpMethod.Post, connection.Url("/second"), second, TimeSpan.FromMilliseconds(200), default));
        Assert.False(none.Sent);
        Assert.Contains("No connection", none.Message, StringComparison.Ordinal);
        end.SetResult();
        using var reply = await holding;
        Assert.Equal(200, reply.Status);
        Assert.Equal("/api/v1/namespaces/first", server.Only.Target);
    }

    [Fact]
    public async Task Giving_up_is_the_callers_and_not_an_outcome()
    {
        var arrived = new TaskCompletionSource();
        var end = new TaskCompletionSource();
        await using var server = await ScriptedServer.StartAsync(_ =>
        {
            arrived.SetResult();
            return end.Task;
        });
        using var invoker = new OpenWhiskInvoker(Options(server.Url));
        using var cancellation = new CancellationTokenSource();
        var call = invoker.InvokeAsync(Request(), cancellation.Token);
        await arrived.Task;
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        end.SetResult();
    }

    [Fact]
    public async Task The_body_refuses_to_go_out_twice()
    {
        using var content = new OnceContent("{\"a\":1"u8.ToArray(), "}"u8.ToArray());
        Assert.False(content.Begun);
        using var target = new MemoryStream();
        await content.CopyToAsync(target);
        Assert.True(content.Begun);
        Assert.Equal("{\"a\":1}"u8.ToArray(), target.ToArray());
        await Assert.ThrowsAsync<HttpRequestException>(() => content.CopyToAsync(target));
        Assert.Equal(7, target.Length);
    }

    private static async Task UnknownAsync(OpenWhiskInvoker invoker)
    {
        var failed = Assert.IsType<InvokeReply.Failed>(await invoker.InvokeAsync(Request(), default));
        Assert.Equal(AttemptOutcome.Unknown, failed.Outcome);
        Assert.Contains("leaves open whether it was started", failed.Failure.Message, StringComparison.Ordinal);
    }
}
