using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orchestration.OpenWhisk.Tests.Servers;

/// <summary>What one request was.</summary>
internal sealed record SeenRequest(string Method, string Target, string? Authorization, string? ContentType, string Body);

/// <summary>An HTTP server on loopback that answers as a test says, and remembers what it was asked.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedServer(WebApplication app, Uri url) => (_app, Url) = (app, url);

    public Uri Url { get; }

    public ConcurrentQueue<SeenRequest> Seen { get; private init; } = [];

    public SeenRequest Only => Assert.Single(Seen);

    public static Task<ScriptedServer> StartAsync(int status, string body, string contentType = "application/json", params (string Name, string Value)[] headers) =>
        StartAsync(async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = contentType;
            foreach (var (name, value) in headers)
                context.Response.Headers[name] = value;
            await context.Response.WriteAsync(body);
        });

    public static async Task<ScriptedServer> StartAsync(RequestDelegate answer, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(o => o.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        var app = builder.Build();
        var seen = new ConcurrentQueue<SeenRequest>();
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            seen.Enqueue(new SeenRequest(context.Request.Method, context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
                context.Request.Headers.Authorization, context.Request.ContentType, await reader.ReadToEndAsync()));
            await answer(context);
        });
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
        return new ScriptedServer(app, new Uri(address)) { Seen = seen };
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
