using Orchestration.Host.Logs;
using Orchestration.Host.Remote;
using Orchestration.Host.Running;
using Orchestration.Host.Settings;
using Orchestration.Host.Terminals;
using Orchestration.LocalWhisk;
using Orchestration.OpenWhisk;

namespace Orchestration.Host.Actions;

/// <summary>The OpenWhisk that a command about actions talks to: one elsewhere, the one of a <c>dev</c>, or the local one for as long as this lives.</summary>
internal sealed class WhiskAccess : IAsyncDisposable
{
    private readonly LocalWhiskServer? _local;

    private WhiskAccess(OpenWhiskOptions options, bool isLocal, string place, LocalWhiskServer? local) =>
        (Options, IsLocal, Place, _local) = (options, isLocal, place, local);

    /// <summary>Where and as whom.</summary>
    public OpenWhiskOptions Options { get; }

    /// <summary>Whether actions run on this machine.</summary>
    public bool IsLocal { get; }

    /// <summary>Whether it ends with this command, and what it runs does too.</summary>
    public bool EndsWithCommand => _local is not null;

    /// <summary>Which one it is, for people.</summary>
    public string Place { get; }

    /// <summary>Opens the OpenWhisk that the settings choose.</summary>
    /// <exception cref="CommandException">Credentials are missing, or another process has the local one.</exception>
    public static async Task<WhiskAccess> OpenAsync(HostSettings settings, Terminal terminal, CancellationToken cancellation)
    {
        var choice = OpenWhiskChoice.Make(settings);
        if (choice is OpenWhiskChoice.External external)
            return new WhiskAccess(external.Options, false, external.Options.ApiHost.AbsoluteUri.TrimEnd('/'), null);
        var auth = ((OpenWhiskChoice.Local)choice).Auth;
        if (RunningDev.Find(settings, auth) is { } dev)
            return new WhiskAccess(new OpenWhiskOptions { ApiHost = new Uri(dev.File.Url), Auth = dev.File.Secret }, true, $"the local OpenWhisk of dev (process {dev.File.Pid})", null);
        if (ServiceFile.FindLive(ServiceFile.OfWhisk(settings.DataDirectory)) is { } owner)
            return new WhiskAccess(new OpenWhiskOptions { ApiHost = new Uri(owner.Url), Auth = owner.Secret }, true, $"the local OpenWhisk of process {owner.Pid}", null);
        var server = await LocalWhiskServer.StartAsync(
            LocalWhisks.Options(settings, ObjectStores.Open(settings, isLocal: true), LogOutput.Factory(terminal)) with { Auth = auth ?? LocalWhiskOptions.NewAuth() }, cancellation);
        return new WhiskAccess(new OpenWhiskOptions { ApiHost = server.BaseAddress, Auth = server.Auth }, true, "the local OpenWhisk", server);
    }

    public ValueTask DisposeAsync() => _local?.DisposeAsync() ?? ValueTask.CompletedTask;
}
