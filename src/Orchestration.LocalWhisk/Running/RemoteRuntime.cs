using System.Net.Http.Headers;
using System.Net.Sockets;
using Orchestration.LocalWhisk.Actions;
using Orchestration.LocalWhisk.Activations;

namespace Orchestration.LocalWhisk.Running;

/// <summary>
/// A runtime at a URL that speaks the platform's own protocol, <c>POST /init</c> once and <c>POST /run</c> for each call, such as an official proxy.
/// Who started it ends it, and has its log.
/// </summary>
internal sealed class RemoteRuntime(WhiskAction action, RemoteRuntimes.Endpoint endpoint, HttpClient client) : ActionRuntime(action)
{
    private static readonly TimeSpan ConnectInterval = TimeSpan.FromMilliseconds(50);
    private readonly TaskCompletionSource _exited = new();

    public override bool IsInitialised
    {
        get => endpoint.Loaded == Action;
        set => endpoint.Loaded = value ? Action : endpoint.Loaded;
    }

    public override Task Exited => _exited.Task;

    public override LogSink BeginLog()
    {
        var sink = new LogSink(Action.Limits.LogBytes);
        sink.EndStream();
        sink.EndStream();
        return sink;
    }

    public override async Task<Reply> InitialiseAsync(Activation activation, Frames frames, TimeSpan limit, int keepBytes)
    {
        using var clock = new CancellationTokenSource(limit);
        return await InTurnAsync(async () =>
        {
            // Another call may have had it loaded while this one waited.
            if (IsInitialised)
                return new Reply(ReplyKind.Answer, 'A');
            while (true)
            {
                try
                {
                    return await PostAsync("init", frames.RemoteInit(activation), 'A', keepBytes, clock.Token);
                }
                catch (HttpRequestException e) when (e.InnerException is SocketException)
                {
                    // It may be starting; the platform tries again so often.
                    await Task.Delay(ConnectInterval, clock.Token);
                }
            }
        }, clock.Token);
    }

    public override async Task<Reply> RunAsync(Activation activation, Frames frames, TimeSpan limit, int keepBytes)
    {
        using var clock = new CancellationTokenSource(limit);
        return await InTurnAsync(() => PostAsync("run", frames.RemoteRun(activation), 'R', keepBytes, clock.Token), clock.Token);
    }

    public override Task KillAsync()
    {
        _exited.TrySetResult();
        return Task.CompletedTask;
    }

    private async Task<Reply> InTurnAsync(Func<Task<Reply>> talk, CancellationToken clock)
    {
        try
        {
            await endpoint.Turn.WaitAsync(clock);
        }
        catch (OperationCanceledException)
        {
            return new Reply(ReplyKind.TimedOut);
        }
        try
        {
            return await talk();
        }
        catch (OperationCanceledException)
        {
            return new Reply(ReplyKind.TimedOut);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // What is started at this address next has nothing loaded.
            endpoint.Loaded = null;
            return new Reply(ReplyKind.Died);
        }
        finally
        {
            endpoint.Turn.Release();
        }
    }

    private async Task<Reply> PostAsync(string path, byte[] json, char good, int keepBytes, CancellationToken cancellation)
    {
        using var content = new ByteArrayContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint.Url, path)) { Content = content };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        var kept = new MemoryStream();
        var length = 0L;
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer, cancellation) is var read and > 0)
        {
            kept.Write(buffer, 0, (int)Math.Min(read, Math.Max(0, keepBytes - length)));
            length += read;
        }
        return new Reply(ReplyKind.Answer, response.StatusCode == System.Net.HttpStatusCode.OK ? good : 'E', kept.ToArray(), length);
    }
}
