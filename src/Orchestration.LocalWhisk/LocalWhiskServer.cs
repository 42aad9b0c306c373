using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestration.LocalWhisk.Actions;
using Orchestration.LocalWhisk.Faults;
using Orchestration.LocalWhisk.Http;
using Orchestration.LocalWhisk.Running;
using Orchestration.LocalWhisk.Storage;

namespace Orchestration.LocalWhisk;

/// <summary>
/// An OpenWhisk on this machine: the part of its REST API that deploys and invokes actions and reads activation records, with
/// Python, Node.js and .NET actions run as ordinary processes. It listens on 127.0.0.1 only.
/// </summary>
/// <remarks>
/// Statuses, texts and fields are those of apache/openwhisk at revision 1fae641a. Actions are not isolated: they run as the user
/// that runs the server and can do what that user can. Stored data survives the death of the server's process; a power failure
/// may lose the last seconds.
/// </remarks>
public sealed class LocalWhiskServer : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);
    private readonly LocalWhiskOptions _options;
    private readonly Stack<IDisposable> _owned = new();
    private Invoker? _invoker;
    private WebApplication? _application;
    private bool _isDisposed;

    private LocalWhiskServer(LocalWhiskOptions options) => _options = options;

    /// <summary>Where it listens, such as <c>http://127.0.0.1:3233/</c>; the API is under <c>/api/v1</c>.</summary>
    public Uri BaseAddress { get; private set; } = null!;

    /// <summary>The accepted credentials, <c>uuid:key</c>.</summary>
    public string Auth => _options.Auth;

    /// <summary>The namespace that the credentials open.</summary>
    public string Namespace => _options.Namespace;

    /// <summary>How many activations run now and ran at most; also at <c>GET /local/metrics</c>.</summary>
    public LocalWhiskMetrics Metrics => _invoker!.Metrics;

    /// <summary>Opens the data directory, closes what a stop had cut short, and listens.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <returns>A server that answers requests.</returns>
    /// <exception cref="LocalWhiskException">A setting is wrong, the port is taken, or the data directory cannot be used.</exception>
    public static async Task<LocalWhiskServer> StartAsync(LocalWhiskOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (OperatingSystem.IsWindows())
            throw new LocalWhiskException("The local OpenWhisk runs actions as Unix processes and does not work on Windows. Use it inside WSL.");
        var server = new LocalWhiskServer(options);
        try
        {
            await server.OpenAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops listening and kills all action processes with all they started.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        // First the processes: a blocking call ends with its activation, not with the time that stopping may take.
        if (_invoker is not null)
            await _invoker.DisposeAsync();
        if (_application is not null)
        {
            using var patience = new CancellationTokenSource(StopPatience);
            await _application.StopAsync(patience.Token);
            await _application.DisposeAsync();
        }
        while (_owned.TryPop(out var owned))
            owned.Dispose();
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        var finding = Runtimes.FindAsync(_options);
        var data = Own(DataDirectory.Open(_options.DataDirectory));
        var actions = new ActionStore(data.Actions, _options.Namespace);
        var packages = new PackageStore(data.Packages, _options.Namespace);
        var resolver = new ActionResolver(actions, packages);
        var activations = Own(OpenActivations(data));
        var control = Own(new ControlListener(data.ControlSocket));
        var guard = Own(new ProcessGuard(Path.Combine(data.Launchers, "guard.sh")));
        var gate = new Gate(_options);
        var runtimes = await finding.WaitAsync(cancellationToken);
        var listening = new TaskCompletionSource<ApiHandler>(TaskCreationOptions.RunContinuationsAsynchronously);
        _application = await ListenAsync(async context => await (await listening.Task).HandleAsync(context), cancellationToken);
        BaseAddress = new Uri(_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        gate.ListensOn(BaseAddress.Port);
        var launcher = new ActionProcessLauncher(_options, data, runtimes, control, guard, Own(new RemoteRuntimes()));
        var faults = new FaultPlan(_options.Faults, _options.FaultSeed);
        _invoker = new Invoker(_options, actions, resolver, activations, launcher, faults, new Frames(_options, BaseAddress.GetLeftPart(UriPartial.Authority)));
        _invoker.WatchMemory();
        listening.SetResult(new ApiHandler(
            _options, gate, new InfoRoutes(_options, runtimes, _invoker),
            new ActionRoutes(_options, actions, packages, resolver, _invoker, runtimes, new MinuteThrottle(_options.InvocationsPerMinute), faults),
            new PackageRoutes(_options, packages, actions, resolver, _invoker), new ActivationRoutes(activations),
            new FaultyCalls(faults), new FaultRoutes(faults)));
    }

    private T Own<T>(T part) where T : IDisposable
    {
        _owned.Push(part);
        return part;
    }

    private ActivationStore OpenActivations(DataDirectory data)
    {
        try
        {
            return new ActivationStore(data.Activations, _options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LocalWhiskException($"The activation records in {data.Activations} cannot be read or written: {e.Message} Free space or correct the permissions, or choose another directory with --data-dir.", e);
        }
    }

    private async Task<WebApplication> ListenAsync(Func<Microsoft.AspNetCore.Http.HttpContext, Task> handle, CancellationToken cancellationToken)
    {
        // Empty: settings, environment variables and signals are the embedding application's, not ours.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Who reads a body bounds it; Kestrel would cut the connection before the caller has read the refusal.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, _options.Port);
        });
        var application = builder.Build();
        application.Run(context => handle(context));
        try
        {
            await application.StartAsync(cancellationToken);
            return application;
        }
        catch (IOException e)
        {
            await application.DisposeAsync();
            throw new LocalWhiskException($"Port {_options.Port} on 127.0.0.1 is in use. Stop what listens there, or choose another port with --port.", e);
        }
        catch (SocketException e)
        {
            await application.DisposeAsync();
            throw new LocalWhiskException($"Port {_options.Port} on 127.0.0.1 cannot be used: {e.Message}. Choose another port with --port.", e);
        }
    }

    private sealed class EmbeddedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
