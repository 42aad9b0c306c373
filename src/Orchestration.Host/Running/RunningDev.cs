using Orchestration.Core.Ports;
using Orchestration.Host.Remote;
using Orchestration.Host.Settings;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Running;

/// <summary>The local OpenWhisk that a <c>dev</c> in the same data directory runs. Runs use it instead of one of their own.</summary>
/// <param name="File">Where it is.</param>
internal sealed record RunningDev(ServiceFile File)
{
    /// <summary>Finds it.</summary>
    /// <param name="settings">What was set.</param>
    /// <param name="auth">The credentials that were set for the local OpenWhisk; null when none were.</param>
    /// <returns>The running dev; null when there is none.</returns>
    /// <exception cref="CommandException">It has other credentials than those that were set.</exception>
    public static RunningDev? Find(HostSettings settings, string? auth)
    {
        if (ServiceFile.FindLive(ServiceFile.OfDev(settings.DataDirectory)) is not { } file)
            return null;
        return auth is null || auth == file.Secret
            ? new RunningDev(file)
            : throw CommandException.Usage($"{settings.Auth!.Source}: the dev that runs in process {file.Pid} has other credentials. Leave them out, or start dev with the same.");
    }

    /// <summary>Opens the object store that its actions use.</summary>
    /// <exception cref="CommandException">Another one was set.</exception>
    public IObjectStore? OpenStore(HostSettings settings)
    {
        if (File.ObjectStore is not { } location)
            return null;
        var own = ObjectStores.Open(settings with { ObjectStore = settings.ObjectStore ?? new Given(location, "dev") }, isLocal: true)!;
        if (own.Location == location)
            return own;
        (own as IDisposable)?.Dispose();
        throw CommandException.Usage(
            $"{settings.ObjectStore!.Source}: the actions of the dev that runs in process {File.Pid} use the object store {location}, not {own.Location}. Leave it out, or start dev with --object-store {ShellText.Quote(own.Location)}.");
    }
}
