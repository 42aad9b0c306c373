using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests;

/// <summary>Actions whose runtime somebody else started and that speaks <c>/init</c> and <c>/run</c>, as the platform's own proxies do.</summary>
public sealed class RemoteRuntimeTests(SharedWhisk shared)
{
    private readonly TestWhisk _whisk = shared.Whisk;

    [Fact]
    public async Task It_is_loaded_once_and_runs_one_call_at_a_time()
    {
        var most = 0;
        var running = 0;
        await using var runtime = await Proxy.StartAsync(async value =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await Task.Yield();
            Interlocked.Decrement(ref running);
            return (200, $$"""{"got":{{value.GetRawText()}}}""");
        });
        await DeployAsync("remote-echo", runtime, """ "parameters":[{"key":"a","value":1},{"key":"SECRET_ENV","value":"e","init":true}] """);
        var replies = await Task.WhenAll(Enumerable.Range(0, 5).Select(n => _whisk.CallAsync("remote-echo", $$"""{"n":{{n}}}""", "?blocking=true&result=true")));
        Assert.Equal(Enumerable.Range(0, 5).Select(n => $$$"""{"got":{"a":1,"n":{{{n}}}}}""").Order(), replies.Select(r => r.Text).Order());
        var init = Assert.Single(runtime.Inits).GetProperty("value");
        Assert.Equal(("remote-echo", "main", "the code", false), (init.GetProperty("name").GetString(), init.GetProperty("main").GetString(), init.GetProperty("code").GetString(), init.GetProperty("binary").GetBoolean()));
        Assert.Equal(("e", "/guest/remote-echo"), (init.GetProperty("env").GetProperty("SECRET_ENV").GetString(), init.GetProperty("env").GetProperty("__OW_ACTION_NAME").GetString()));
        Assert.All(runtime.Runs, r => Assert.Equal(JsonValueKind.String, r.GetProperty("deadline").ValueKind));
        Assert.Equal((5, 1), (runtime.Runs.Count, most));
    }

    [Theory]
    [InlineData(200, """{"error":"boom"}""", "application error", "boom")]
    [InlineData(502, """{"error":"crashed"}""", "action developer error", "crashed")]
    [InlineData(200, "7", "action developer error", "The action did not return a dictionary or array.")]
    public async Task Its_answers_mean_what_they_mean_on_the_platform(int status, string body, string outcome, string error)
    {
        await using var runtime = await Proxy.StartAsync(_ => Task.FromResult((status, body)));
        var name = $"remote-{status}-{body.Length}";
        await DeployAsync(name, runtime);
        var response = (await _whisk.CallAsync(name)).Json.GetProperty("response");
        Assert.Equal((outcome, error), (response.GetProperty("status").GetString(), response.GetProperty("result").GetProperty("error").GetString()));
    }

    [Fact]
    public async Task A_runtime_that_refuses_to_be_loaded_is_the_actions_error()
    {
        await using var runtime = await Proxy.StartAsync(_ => Task.FromResult((200, "{}")), refuses: true);
        await DeployAsync("remote-refuses", runtime);
        var response = (await _whisk.CallAsync("remote-refuses")).Json.GetProperty("response");
        Assert.Equal(("action developer error", "no such code"), (response.GetProperty("status").GetString(), response.GetProperty("result").GetProperty("error").GetString()));
    }

    [Fact]
    public async Task One_that_is_not_there_is_waited_for_until_the_actions_limit()
    {
        await _whisk.DeployRemoteAsync("remote-nowhere", "http://127.0.0.1:1", """ "limits":{"timeout":300} """);
        var reply = await _whisk.CallAsync("remote-nowhere");
        Assert.Equal("The action exceeded its time limits of 300 milliseconds during initialization.", reply.Json.GetProperty("response").GetProperty("result").GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("\"http://example.org:8080\"")]
    [InlineData("\"https://127.0.0.1:8080\"")]
    [InlineData("\"file:///etc/passwd\"")]
    [InlineData("\"http://u:p@127.0.0.1\"")]
    [InlineData("7")]
    public async Task Only_a_runtime_on_this_machine_is_taken(string url) =>
        (await _whisk.PutActionAsync("remote-elsewhere", $$$"""{"exec":{"kind":"runtime","url":{{{url}}}}}""")).IsRefusal(400, "'url' must be a string");

    private Task DeployAsync(string name, Proxy runtime, string more = "\"publish\":false") => _whisk.DeployRemoteAsync(name, runtime.Url, more);

    /// <summary>A runtime as the platform's proxies are.</summary>
    private sealed class Proxy : IAsyncDisposable
    {
        private readonly WebApplication _application;

        private Proxy(WebApplication application) => _application = application;

        public List<JsonElement> Inits { get; } = [];

        public List<JsonElement> Runs { get; } = [];

        public string Url => _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

        public static async Task<Proxy> StartAsync(Func<JsonElement, Task<(int Status, string Body)>> run, bool refuses = false)
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
            var proxy = new Proxy(builder.Build());
            proxy._application.Run(async context =>
            {
                var body = (await JsonDocument.ParseAsync(context.Request.Body)).RootElement;
                var isInit = context.Request.Path == "/init";
                lock (proxy)
                    (isInit ? proxy.Inits : proxy.Runs).Add(body);
                var (status, text) = !isInit ? await run(body.GetProperty("value")) : refuses ? (502, """{"error":"no such code"}""") : (200, """{"ok":true}""");
                context.Response.StatusCode = status;
                await context.Response.WriteAsync(text);
            });
            await proxy._application.StartAsync();
            return proxy;
        }

        public ValueTask DisposeAsync() => _application.DisposeAsync();
    }
}
