using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestration.Core.Json;

namespace Orchestration.Host.Api;

/// <summary>The HTTP API of the process that works on a data directory, on a free port of 127.0.0.1. Disposing stops it.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);

    private readonly WebApplication _application;
    private readonly CancellationTokenSource _stopping;

    private ApiServer(WebApplication application, CancellationTokenSource stopping, ApiActivity activity, Uri address, string token) =>
        (_application, _stopping, Activity, BaseAddress, Token) = (application, stopping, activity, address, token);

    /// <summary>When it was used last.</summary>
    public ApiActivity Activity { get; }

    /// <summary>Where it listens.</summary>
    public Uri BaseAddress { get; }

    /// <summary>What callers must send.</summary>
    public string Token { get; }

    public static async Task<ApiServer> StartAsync(RunService service, ILoggerFactory log, CancellationToken cancellation)
    {
        // Empty: settings, environment variables and signals are the command's.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Who reads a body bounds it; Kestrel would cut the connection before the caller has read the refusal.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        var application = builder.Build();
        var token = ApiGate.NewToken();
        ApiGate? gate = null;
        var logger = log.CreateLogger<ApiServer>();
        var activity = new ApiActivity(TimeProvider.System);
        application.Use(async (context, next) =>
        {
            using var visit = activity.Enter();
            await next(context);
        });
        application.Use((context, next) => Problems.AnswerAsync(context, () => PassAsync(context, next, gate!), logger));
        application.UseRouting();
        application.MapGet("/health/live", context => ApiJson.SendAsync(context, JsonBytes.Parse("""{"status":"live"}""")));
        application.MapGet("/health/ready", context => ApiJson.SendAsync(context, JsonBytes.Parse("""{"status":"ready"}""")));
        var stopping = new CancellationTokenSource();
        new RunRoutes(service, stopping.Token).Map(application);
        new BatchRoutes(service).Map(application);
        await application.StartAsync(cancellation);
        var address = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        gate = new ApiGate(token, address.Port);
        return new ApiServer(application, stopping, activity, address, token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        using var patience = new CancellationTokenSource(StopPatience);
        await _application.StopAsync(patience.Token);
        await _application.DisposeAsync();
        _stopping.Dispose();
    }

    private static async Task PassAsync(HttpContext context, RequestDelegate next, ApiGate gate)
    {
        gate.CheckOrigin(context.Request);
        if (!context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal))
            gate.CheckToken(context);
        await next(context);
        if (context.Response is { HasStarted: false, StatusCode: 404 or 405 })
            throw new ApiException(context.Response.StatusCode, context.Response.StatusCode == 404 ? "NOT_FOUND" : "BAD_METHOD", $"There is no {context.Request.Method} {context.Request.Path} here; see docs/api.md.");
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
