namespace Orchestration.Persistence.Sqlite.Storage;

/// <summary>
/// A plugin's use of the store, opened when first needed and tried again after a failure. So a plugin whose directory cannot be
/// used answers every request with the reason, where one that failed to start would let persistent actors wait for their timeout.
/// </summary>
internal sealed class StoreUse(string dataDirectory)
{
    private readonly Lock _gate = new();
    private JournalStore? _store;
    private bool _closed;

    /// <exception cref="DataDirectoryException">The directory or the database cannot be used.</exception>
    public JournalStore Get()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            return _store ??= JournalStore.Open(dataDirectory);
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _store?.Dispose();
        }
    }
}
