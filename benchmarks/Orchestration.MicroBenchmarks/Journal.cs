using BenchmarkDotNet.Attributes;
using Orchestration.Persistence.Sqlite.Storage;

namespace Orchestration.MicroBenchmarks;

/// <summary>Rows of 500 bytes in the embedded journal; each write is acknowledged when it is synced.</summary>
public class Journal
{
    private string _folder = "";
    private JournalStore _store = null!;
    private long _number;

    /// <summary>An empty journal.</summary>
    [GlobalSetup]
    public void Open()
    {
        _folder = Directory.CreateTempSubdirectory("orchestration-journal-").FullName;
        _store = JournalStore.Open(_folder);
    }

    /// <summary>Removes it.</summary>
    [GlobalCleanup]
    public void Close()
    {
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>One orchestration stores a row and waits for it.</summary>
    [Benchmark]
    public Task OneRow() => WriteAsync("one");

    /// <summary>64 orchestrations store a row each at once: one group commit.</summary>
    [Benchmark(OperationsPerInvoke = 64)]
    public Task RowsOf64() => Task.WhenAll(Enumerable.Range(0, 64).Select(i => WriteAsync($"many-{i}")));

    private Task WriteAsync(string id) =>
        _store.Write(new AppendEvents([new EventRow(id, Interlocked.Increment(ref _number), 0, "w", "", new StoredPayload(1, "c", new byte[500]))], CancellationToken.None));
}
