using Orchestration.Core.Facts;
using Orchestration.Core.Ports;
using Orchestration.Host.Logs;
using Orchestration.Host.Remote;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Terminals;
using Orchestration.LocalWhisk;
using Orchestration.OpenWhisk;

namespace Orchestration.Host.Running;

/// <summary>What a run stands on: the storage, an OpenWhisk and an object store, opened and checked. Disposing stops the local OpenWhisk.</summary>
internal sealed class RunEnvironment : IAsyncDisposable
{
    private readonly Persistence.Sqlite.DataDirectory? _directory;
    private readonly LocalWhiskServer? _local;
    private IDisposable? _published;

    private RunEnvironment(RunStorage storage, Persistence.Sqlite.DataDirectory? directory, LocalWhiskServer? local, OpenWhiskOptions? whisk, Platform platform, IObjectStore? store, int? maxInFlight)
    {
        (Storage, _directory, _local, Whisk, Platform, Store, MaxInFlight) = (storage, directory, local, whisk, platform, store, maxInFlight);
    }

    /// <summary>Where the run is kept.</summary>
    public RunStorage Storage { get; }

    /// <summary>Null when nothing may be invoked.</summary>
    public OpenWhiskOptions? Whisk { get; }

    /// <summary>The data directory's absolute path.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>What is stored with a run.</summary>
    public Platform Platform { get; }

    /// <summary>Null when there is none.</summary>
    public IObjectStore? Store { get; }

    /// <summary>How lost objects are made again.</summary>
    public required LineageChoice Lineage { get; init; }

    /// <summary>Settings of the actor system, HOCON; empty for none.</summary>
    public string Hocon { get; init; } = "";

    /// <summary>Where values of secrets come from.</summary>
    public required ISecretSource Secrets { get; init; }

    /// <summary>How many activations may be in flight: what was set, else the namespace's limit; null when that is not known.</summary>
    public int? MaxInFlight { get; }

    /// <summary>Whether actions run on this machine's own OpenWhisk: one of this process, or of a <c>dev</c> in the same data directory.</summary>
    public bool IsLocal => Platform.ApiHost == OpenWhiskChoice.LocalName;

    /// <summary>The default for activations in flight on the local OpenWhisk: actions wait for programs and disks more than they compute.</summary>
    public static int LocalMaxInFlight => Math.Max(8, 4 * Environment.ProcessorCount);

    /// <summary>Opens and checks everything; says which OpenWhisk it is first.</summary>
    public static async Task<RunEnvironment> OpenAsync(HostSettings settings, OpenWhiskChoice choice, Terminal terminal, CancellationToken cancellation)
    {
        var dev = choice is OpenWhiskChoice.Local ? RunningDev.Find(settings, ((OpenWhiskChoice.Local)choice).Auth) : null;
        var store = dev?.OpenStore(settings) ?? ObjectStores.Open(settings, choice is OpenWhiskChoice.Local);
        var storage = RunStorage.Of(settings);
        await storage.PrepareAsync(cancellation);
        // Other storage needs nothing of the directory, and the local OpenWhisk locks its own part of it.
        var directory = storage.HasOneWorker ? Persistence.Sqlite.DataDirectory.Open(settings.DataDirectory) : null;
        terminal.Note(choice switch
        {
            OpenWhiskChoice.Local when dev is not null => $"OpenWhisk: local, of the dev that runs in process {dev.File.Pid} at {dev.File.Url} ({choice.Source})",
            OpenWhiskChoice.Local => $"OpenWhisk: local ({choice.Source})",
            OpenWhiskChoice.External external => $"OpenWhisk: {external.Options.ApiHost.AbsoluteUri.TrimEnd('/')} ({choice.Source})",
            _ => throw new ArgumentOutOfRangeException(nameof(choice)),
        });
        try
        {
            return choice switch
            {
                OpenWhiskChoice.Local when dev is not null => await OpenDevAsync(settings, dev, storage, directory, store!, cancellation),
                OpenWhiskChoice.Local local => await OpenLocalAsync(settings, local, storage, directory, store, terminal, cancellation),
                OpenWhiskChoice.External external => await OpenExternalAsync(settings, external, storage, directory, store, cancellation),
                _ => throw new ArgumentOutOfRangeException(nameof(choice)),
            };
        }
        catch
        {
            directory?.Dispose();
            throw;
        }
    }

    /// <summary>Opens the storage alone, for what invokes nothing, such as closing a run that nobody works on.</summary>
    /// <param name="settings">What was set.</param>
    /// <param name="platform">Where the run was started.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<RunEnvironment> OpenStorageAsync(HostSettings settings, Platform platform, CancellationToken cancellation)
    {
        var storage = RunStorage.Of(settings);
        await storage.PrepareAsync(cancellation);
        var directory = storage.HasOneWorker ? Persistence.Sqlite.DataDirectory.Open(settings.DataDirectory) : null;
        return new RunEnvironment(storage, directory, null, null, platform, null, null) { Secrets = settings.Secrets, Lineage = settings.Lineage, Hocon = settings.Hocon, DataDirectory = settings.DataDirectory };
    }

    public async ValueTask DisposeAsync()
    {
        _published?.Dispose();
        if (_local is not null)
            await _local.DisposeAsync();
        (Store as IDisposable)?.Dispose();
        _directory?.Dispose();
    }

    private static async Task<RunEnvironment> OpenLocalAsync(
        HostSettings settings, OpenWhiskChoice.Local choice, RunStorage storage, Persistence.Sqlite.DataDirectory? directory, IObjectStore? store, Terminal terminal, CancellationToken cancellation)
    {
        var most = settings.MaxInFlight ?? LocalMaxInFlight;
        var options = LocalWhisks.Options(settings, store, LogOutput.Factory(terminal)) with
        {
            Auth = choice.Auth ?? LocalWhiskOptions.NewAuth(),
            MaxProcesses = most,
        };
        var server = await LocalWhiskServer.StartAsync(options, cancellation);
        var whisk = Tuned(new OpenWhiskOptions { ApiHost = server.BaseAddress, Auth = server.Auth }, settings, store);
        var platform = new Platform(OpenWhiskChoice.LocalName, server.Namespace, store?.Location ?? "");
        return new RunEnvironment(storage, directory, server, whisk, platform, store, most)
        {
            Secrets = settings.Secrets,
            Lineage = settings.Lineage,
            Hocon = settings.Hocon,
            DataDirectory = settings.DataDirectory,
            // Commands about actions use it meanwhile: its actions belong to one server at a time.
            _published = ServiceFile.Publish(ServiceFile.OfWhisk(settings.DataDirectory), whisk.ApiHost.AbsoluteUri.TrimEnd('/'), server.Auth, store?.Location),
        };
    }

    private static async Task<RunEnvironment> OpenDevAsync(
        HostSettings settings, RunningDev dev, RunStorage storage, Persistence.Sqlite.DataDirectory? directory, IObjectStore store, CancellationToken cancellation)
    {
        var options = new OpenWhiskOptions { ApiHost = new Uri(dev.File.Url), Auth = dev.File.Secret };
        var found = await OpenWhiskProbe.CheckAsync(options, cancellation);
        var platform = new Platform(OpenWhiskChoice.LocalName, found.Name, store.Location);
        return new RunEnvironment(storage, directory, null, Tuned(options, settings, store), platform, store, settings.MaxInFlight ?? LocalMaxInFlight) { Secrets = settings.Secrets, Lineage = settings.Lineage, Hocon = settings.Hocon, DataDirectory = settings.DataDirectory };
    }

    private static async Task<RunEnvironment> OpenExternalAsync(
        HostSettings settings, OpenWhiskChoice.External choice, RunStorage storage, Persistence.Sqlite.DataDirectory? directory, IObjectStore? store, CancellationToken cancellation)
    {
        var found = await OpenWhiskProbe.CheckAsync(choice.Options, cancellation);
        var whisk = Tuned(choice.Options, settings, store);
        var platform = new Platform(choice.Options.ApiHost.AbsoluteUri.TrimEnd('/'), found.Name, store?.Location ?? "");
        return new RunEnvironment(storage, directory, null, whisk, platform, store, settings.MaxInFlight ?? found.ConcurrentInvocations) { Secrets = settings.Secrets, Lineage = settings.Lineage, Hocon = settings.Hocon, DataDirectory = settings.DataDirectory };
    }

    private static OpenWhiskOptions Tuned(OpenWhiskOptions options, HostSettings settings, IObjectStore? store) =>
        options with { BlockingWait = settings.BlockingWait ?? options.BlockingWait, LoadReport = ObjectStores.ReportLoader(store) };
}
