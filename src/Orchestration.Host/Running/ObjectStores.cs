using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Host.Settings;
using Orchestration.Host.Stored;
using Orchestration.ObjectStore;

namespace Orchestration.Host.Running;

/// <summary>Chooses the object store of a run.</summary>
internal static class ObjectStores
{
    private const string FolderScheme = "file:";

    /// <summary>Opens the store that was set; with the local OpenWhisk it is a folder of the data directory when none was.</summary>
    /// <param name="settings">What was set.</param>
    /// <param name="isLocal">Whether actions run on this machine; others could not see a folder here.</param>
    /// <returns>The store; null when there is none.</returns>
    /// <exception cref="ObjectStoreException">What was set names no store.</exception>
    public static IObjectStore? Open(HostSettings settings, bool isLocal)
    {
        var location = settings.ObjectStore?.Value ?? (isLocal ? DefaultLocation(settings) : null);
        if (location is null)
            return null;
        // Actions run in folders of their own, and a run may be resumed from another folder.
        if (location.StartsWith(FolderScheme, StringComparison.OrdinalIgnoreCase) && !location.StartsWith(FolderScheme + "//", StringComparison.OrdinalIgnoreCase) && location.Length > FolderScheme.Length)
            location = FolderScheme + Path.GetFullPath(location[FolderScheme.Length..]);
        return ObjectStoreFactory.Create(location, settings.AccessKey?.Value, settings.SecretKey?.Value);
    }

    /// <summary>Opens the store that was set, else the one that a run was started with.</summary>
    /// <param name="settings">What was set.</param>
    /// <param name="runs">The stored runs.</param>
    /// <param name="id">The run.</param>
    /// <returns>The store; null when neither tells of one.</returns>
    /// <exception cref="ObjectStoreException">What was set names no store.</exception>
    public static IObjectStore? OpenOf(HostSettings settings, StoredRuns runs, OrchestrationId id)
    {
        if (settings.ObjectStore is null && runs.ReadRecorded(id) is null && runs.ReadStart(id).Platform.ObjectStore is { Length: > 0 } stored)
            settings = settings with { ObjectStore = new Given(stored, $"the run {id}") };
        return Open(settings, isLocal: false);
    }

    /// <summary>The folder that stands in with the local OpenWhisk when no store was set.</summary>
    public static string DefaultLocation(HostSettings settings) => FolderScheme + Path.Combine(settings.DataDirectory, "store");

    /// <summary>Reads reports that actions stored because they were too large for a reply.</summary>
    public static Func<ObjectKey, CancellationToken, Task<byte[]?>>? ReportLoader(IObjectStore? store) => store is null ? null : async (key, cancellation) =>
    {
        using var content = new MemoryStream();
        return await store.GetAsync(key, content, cancellation) is null ? null : content.ToArray();
    };
}
