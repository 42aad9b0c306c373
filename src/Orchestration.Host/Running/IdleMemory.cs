using System.Runtime;

namespace Orchestration.Host.Running;

/// <summary>
/// Gives memory back that a busy time has left behind: the collector keeps it for the next one, however long that does not come. An idle service with 10,000 waiting runs
/// needs some 120 MB and would keep 320.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class IdleMemory(TimeProvider time)
{
    /// <summary>How long nothing must have been collected before.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Less is not worth a pause.
    private const long Least = 50_000_000;

    private int _collections = -1;
    private long _since;

    /// <summary>Looks; to be called again and again.</summary>
    /// <returns>Whether memory was given back.</returns>
    public bool Look()
    {
        var collections = GC.CollectionCount(0);
        if (collections != _collections)
        {
            (_collections, _since) = (collections, time.GetTimestamp());
            return false;
        }
        var info = GC.GetGCMemoryInfo();
        if (time.GetElapsedTime(_since) < Patience || info.TotalCommittedBytes - GC.GetTotalMemory(forceFullCollection: false) < Least)
            return false;
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _collections = GC.CollectionCount(0);
        return true;
    }
}
