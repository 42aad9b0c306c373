using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestration.Core.Json;
using Orchestration.Host.Api.Access;
using Orchestration.Host.Api.Batches;
using Orchestration.Host.Api.Description;
using Orchestration.Host.Api.Objects;
using Orchestration.Host.Api.Runs;
using Orchestration.Host.Api.Workflows;
using Orchestration.Host.Keys;
using Orchestration.Host.Telemetry;

namespace Orchestration.Host.Api;

/// <summary>How an API is reached, and by whom.</summary>
/// <param name="Keys">The keys that it accepts beside its own token.</param>
/// <param name="AuditPath">Where changes are noted.</param>
internal sealed record ApiServerOptions(ApiKeyFile Keys, string AuditPath)
{
    /// <summary>The most requests of a key per second when nothing is set.</summary>
    public const int DefaultRateLimit = 100;

    /// <summary>Where it listens for others; null for nowhere.</summary>
    public Listening? Listening { get; init; }

    /// <summary>The most requests of a key per second.</summary>
    public int RateLimit { get; init; } = DefaultRateLimit;

    /// <summary>Whether it is all that the process is for: then it has metrics and a page to try it, too, which take a moment to load.</summary>
    public bool IsService { get; init; }
}

/// <summary>The HTTP API of the process that works on a data directory: on a port of 127.0.0.1, and where it is told to listen for others. Disposing stops it.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);

    private readonly WebApplication _application;
    private readonly CancellationTokenSource _stopping;
    private readonly Throttle _throttle;

    private ApiServer(WebApplication application, CancellationTokenSource stopping, Throttle throttle, ApiActivity activity, IReadOnlyList<Uri> addresses, string token) =>
        (_application, _stopping, _throttle, Activity, BaseAddress, PublicAddress, Token) = (application, stopping, throttle, activity, addresses[0], addresses.Count > 1 ? addresses[1] : null, token);

    /// <summary>When it was used last.</summary>
    public ApiActivity Activity { get; }

    /// <summary>Where programs of this machine ask.</summary>
    public Uri BaseAddress { get; }

    /// <summary>Where others ask; null for nowhere.</summary>
    public Uri? PublicAddress { get; }

    /// <summary>What programs of this machine send.</summary>
    public string Token { get; }

    /// <summary>Starts it.</summary>
    /// <exception cref="IOException">The address cannot be had.</exception>
    public static async Task<ApiServer> StartAsync(ApiServices services, ApiServerOptions options, ILoggerFactory log, CancellationToken cancellation)
    {
        var application = Build(options);
        var token = ApiGate.NewToken();
        var ports = new Dictionary<int, Listening?>();
        var throttle = new Throttle(options.RateLimit);
        var gate = new ApiGate(token, ports, new ApiKeyRing(options.Keys, TimeProvider.System), throttle);
        var audit = new AuditLog(options.AuditPath, TimeProvider.System);
        var logger = log.CreateLogger<ApiServer>();
        var activity = new ApiActivity(TimeProvider.System);
        application.Use(async (context, next) =>
        {
            using var visit = activity.Enter();
            await next(context);
        });
        application.Use((context, next) => Problems.AnswerAsync(context, () => next(context), logger));
        application.UseRouting();
        application.Use((context, next) => PassAsync(context, next, gate, audit));
        application.MapGet("/health/live", context => ApiJson.SendAsync(context, JsonBytes.Parse("""{"status":"live"}"""))).WithMetadata(ForEverybody.Instance);
        application.MapGet("/health/ready", context => services.Runs.Active.IsClosed
            ? throw new ApiException(503, "CLOSING", "The service is ending and takes no more runs.")
            : ApiJson.SendAsync(context, JsonBytes.Parse("""{"status":"ready"}"""))).WithMetadata(ForEverybody.Instance);
        ApiDescription.Map(application, options.IsService);
        if (options.IsService)
            application.MapPrometheusScrapingEndpoint("/metrics");
        var stopping = new CancellationTokenSource();
        new RunRoutes(services.Starts, services.Runs).Map(application);
        new RunDataRoutes(services.Runs, stopping.Token).Map(application);
        new HealRoutes(services.Heals, services.Runs).Map(application);
        new BatchRoutes(services.Runs).Map(application);
        new WorkflowRoutes(services.Workflows).Map(application);
        new ObjectRoutes(services.Runs.Environment.Storage).Map(application);
        await application.StartAsync(cancellation);
        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a)).ToList();
        if (options.Listening is { } listening)
            ports[addresses[^1].Port] = listening;
        return new ApiServer(application, stopping, throttle, activity, addresses, token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        using var patience = new CancellationTokenSource(StopPatience);
        await _application.StopAsync(patience.Token);
        await _application.DisposeAsync();
        await _throttle.DisposeAsync();
        _stopping.Dispose();
    }

    private static WebApplication Build(ApiServerOptions options)
    {
        var listening = options.Listening;
        // Empty: settings, environment variables and signals are the command's.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddRouting();
        if (options.IsService)
            ServiceTelemetry.AddTo(builder);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Who reads a body bounds it; Kestrel would cut the connection before the caller has read the refusal.
            kestrel.Limits.MaxRequestBodySize = null;
            if (listening is not { IsPublic: false, Certificate: null })
                kestrel.Listen(IPAddress.Loopback, 0);
            if (listening is not null)
                kestrel.Listen(listening.Address, options => UseTls(options, listening.Certificate));
        });
        return builder.Build();
    }

    private static void UseTls(ListenOptions options, TlsCertificate? certificate)
    {
        if (certificate is not null)
            options.UseHttps(https => https.ServerCertificateSelector = (_, _) => certificate.Current);
    }

    private static async Task PassAsync(HttpContext context, RequestDelegate next, ApiGate gate, AuditLog audit)
    {
        audit.Watch(context, gate.AddressOf(context));
        gate.CheckOrigin(context);
        var metadata = context.GetEndpoint()?.Metadata;
        if (metadata?.GetMetadata<ForEverybody>() is null)
        {
            var caller = gate.Identify(context);
            context.Features.Set(caller);
            caller.MustHave(metadata?.GetMetadata<TakesScope>()?.Scope ?? (HttpMethods.IsGet(context.Request.Method) ? ApiScope.Read : ApiScope.Run), $"{context.Request.Method} {context.Request.Path}");
        }
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

/// <summary>Metadata of a route that takes no token.</summary>
internal sealed class ForEverybody
{
    public static ForEverybody Instance { get; } = new();
}
