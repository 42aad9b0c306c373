using Microsoft.Data.Sqlite;
using Orchestration.Persistence.Sqlite.Storage;
using Orchestration.Persistence.Sqlite.Tests.Support;

namespace Orchestration.Persistence.Sqlite.Tests.Journals;

public sealed class JournalFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Database => _directory.PathOf("journal.db");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_newer_format_is_refused()
    {
        JournalStore.Open(_directory.FullPath).Dispose();
        Execute("PRAGMA user_version = 7");
        var e = Assert.Throws<DataDirectoryException>(() => JournalStore.Open(_directory.FullPath));
        Assert.Equal(
            $"'{Database}' has format 7, and this program knows formats up to 1: it was written by a newer version. Use that version, or another --data-dir.",
            e.Message);
        Execute("PRAGMA user_version = 1");
        JournalStore.Open(_directory.FullPath).Dispose();
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused()
    {
        File.WriteAllText(Database, string.Concat(Enumerable.Repeat("This is not a database. ", 100)));
        var e = Assert.Throws<DataDirectoryException>(() => JournalStore.Open(_directory.FullPath));
        Assert.Equal($"'{Database}' is not an SQLite database. Move it away, or use another --data-dir.", e.Message);
    }

    [Fact]
    public async Task A_foreign_lock_fails_the_write_and_later_ones_succeed()
    {
        using var store = JournalStore.Open(_directory.FullPath);
        using (var foreign = new SqliteConnection($"Data Source={Database};Pooling=False"))
        {
            foreign.Open();
            using var transaction = foreign.BeginTransaction();
            var e = await Assert.ThrowsAsync<DataDirectoryException>(() => store.Write(Event("p", 1)));
            Assert.StartsWith($"'{Database}' is locked by another program.", e.Message, StringComparison.Ordinal);
        }

        await store.Write(Event("p", 1));
        Assert.Equal(1, store.Read(s => s.HighestSequenceNr("p")));
    }

    [Fact]
    public async Task A_full_database_fails_the_write_and_keeps_what_was_acknowledged()
    {
        using var store = JournalStore.Open(_directory.FullPath);
        await store.Write(Event("p", 1));
        await store.Write(new Spy(s => SqliteText.Run(s.Connection, "PRAGMA max_page_count = 64")));
        var e = await Assert.ThrowsAsync<DataDirectoryException>(() => store.Write(Event("p", 2, bytes: 1_000_000)));
        Assert.Equal($"'{Database}' cannot be written: the disk is full. Free some space; what was acknowledged before is stored.", e.Message);
        await store.Write(Event("p", 2));
        Assert.Equal(2, store.Read(s => s.HighestSequenceNr("p")));
    }

    [Fact]
    public async Task All_that_waits_is_stored_in_one_transaction()
    {
        using var store = JournalStore.Open(_directory.FullPath);
        using var gate = new ManualResetEventSlim();
        var blocked = await BlockAsync(store, gate);
        var writes = Enumerable.Range(1, 100).Select(i => store.Write(Event("p", i))).ToList();
        var seenByOthers = -1L;
        var last = store.Write(new Spy(_ => seenByOthers = store.Read(s => s.HighestSequenceNr("p"))));
        gate.Set();
        await Task.WhenAll([blocked.Ended, last, .. writes]);
        Assert.Equal(0, seenByOthers);
        Assert.Equal(100, store.Read(s => s.HighestSequenceNr("p")));
    }

    [Fact]
    public async Task A_write_that_was_given_up_in_line_is_not_stored()
    {
        using var store = JournalStore.Open(_directory.FullPath);
        using var gate = new ManualResetEventSlim();
        using var cancellation = new CancellationTokenSource();
        var blocked = await BlockAsync(store, gate);
        var given = store.Write(new AppendEvents([Row("p", 1)], cancellation.Token));
        await cancellation.CancelAsync();
        gate.Set();
        await blocked.Ended;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.Equal(0, store.Read(s => s.HighestSequenceNr("p")));
    }

    [Fact]
    public async Task Closing_stores_what_is_in_line_and_refuses_the_rest()
    {
        var store = JournalStore.Open(_directory.FullPath);
        var writes = Enumerable.Range(1, 1000).Select(i => store.Write(Event("p", i))).ToList();
        store.Dispose();
        await Task.WhenAll(writes);
        await Assert.ThrowsAsync<DataDirectoryException>(() => store.Write(Event("p", 1001)));
        Assert.Throws<DataDirectoryException>(() => store.Read(s => s.HighestSequenceNr("p")));
        using var again = JournalStore.Open(_directory.FullPath);
        Assert.Equal(1000, again.Read(s => s.HighestSequenceNr("p")));
    }

    [Fact]
    public async Task Writes_ahead_and_syncs_fully()
    {
        using var store = JournalStore.Open(_directory.FullPath);
        Assert.Equal("wal", Scalar("PRAGMA journal_mode"));
        object? synchronous = null;
        await store.Write(new Spy(s =>
        {
            using var command = s.Connection.CreateCommand();
            command.CommandText = "PRAGMA synchronous";
            synchronous = command.ExecuteScalar();
        }));
        Assert.Equal(2L, synchronous);
    }

    /// <summary>Holds the writer thread in a transaction until the gate opens; returns when it is held.</summary>
    private static async Task<Blocked> BlockAsync(JournalStore store, ManualResetEventSlim gate)
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = store.Write(new Spy(_ =>
        {
            held.SetResult();
            gate.Wait();
        }));
        await held.Task;
        return new Blocked(ended);
    }

    private static EventRow Row(string pid, long nr, int bytes = 10) => new(pid, nr, 1, "w", "", new StoredPayload(4, "", new byte[bytes]));

    private static AppendEvents Event(string pid, long nr, int bytes = 10) => new([Row(pid, nr, bytes)], CancellationToken.None);

    private void Execute(string sql) => Scalar(sql);

    private object? Scalar(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private sealed record Blocked(Task Ended);

    private sealed class Spy(Action<WriteStatements> look) : WriteRequest(0, CancellationToken.None)
    {
        public override int Statements => 1;

        public override void Apply(WriteStatements statements) => look(statements);
    }
}
