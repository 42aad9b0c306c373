using Microsoft.Data.Sqlite;
using Orchestration.Core.Ports;
using Orchestration.Persistence.Contract;
using Orchestration.Persistence.Sqlite.Tests.Support;
using static Orchestration.Persistence.Contract.CatalogRuns;

namespace Orchestration.Persistence.Sqlite.Tests.Catalogs;

public sealed class SqliteCatalogContractTests : CatalogContract
{
    private readonly TemporaryDirectory _directory = new();

    protected override Task<ICatalog> OpenAsync() => Task.FromResult<ICatalog>(SqliteCatalog.Open(_directory.FullPath));

    protected override Task CloseAsync(ICatalog catalog)
    {
        ((SqliteCatalog)catalog).Dispose();
        return Task.CompletedTask;
    }

    protected override ValueTask CleanUpAsync()
    {
        _directory.Dispose();
        return base.CleanUpAsync();
    }
}

public sealed class SqliteCatalogTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Database => _directory.PathOf("catalog.db");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Another_process_reads_while_this_one_writes()
    {
        using var catalog = SqliteCatalog.Open(_directory.FullPath);
        await catalog.ApplyAsync([Batch(0, Running(0))], CancellationToken.None);
        using (var child = Child.Start("runs", _directory.FullPath))
        {
            Assert.Equal(Id(0).Value, await child.ReadLineAsync());
            Assert.Equal(0, await child.ExitCodeAsync());
        }

        await catalog.ApplyAsync([Batch(1, Running(1))], CancellationToken.None);
        using var later = Child.Start("runs", _directory.FullPath);
        Assert.Equal(Id(1).Value, await later.ReadLineAsync());
    }

    [Fact]
    public async Task A_reader_sees_what_a_closed_catalog_holds_and_may_not_write()
    {
        using (var catalog = SqliteCatalog.Open(_directory.FullPath))
            await catalog.ApplyAsync([Batch(0, Completed())], CancellationToken.None);
        using var reader = SqliteCatalog.OpenReadOnly(_directory.FullPath);
        Assert.Equal(Id(0), Assert.Single(await reader.ListRunsAsync(new RunQuery(), CancellationToken.None)).Id);
        await Assert.ThrowsAsync<InvalidOperationException>(() => reader.ApplyAsync([Batch(1, Running(1))], CancellationToken.None));
    }

    [Fact]
    public void A_directory_without_a_catalog_is_told()
    {
        var e = Assert.Throws<DataDirectoryException>(() => SqliteCatalog.OpenReadOnly(_directory.FullPath));
        Assert.StartsWith($"There is no catalog in '{_directory.FullPath}'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_process_is_kept_from_writing()
    {
        using var child = Child.Start("hold", _directory.FullPath);
        Assert.Equal("held", await child.ReadLineAsync());
        Assert.Throws<DataDirectoryException>(() => SqliteCatalog.Open(_directory.FullPath));
    }

    [Fact]
    public async Task An_older_format_starts_anew()
    {
        using (var catalog = SqliteCatalog.Open(_directory.FullPath))
            await catalog.ApplyAsync([Batch(0, Completed())], CancellationToken.None);
        Query("CREATE TABLE leftover (x); PRAGMA user_version = 0");
        Assert.Contains("old format 0", Assert.Throws<DataDirectoryException>(() => SqliteCatalog.OpenReadOnly(_directory.FullPath)).Message, StringComparison.Ordinal);

        using var again = SqliteCatalog.Open(_directory.FullPath);
        Assert.Equal(0, await again.GetCursorAsync(Id(0), CancellationToken.None));
        await again.ApplyAsync([Batch(0, Completed())], CancellationToken.None);
        Assert.Single(await again.ListRunsAsync(new RunQuery(), CancellationToken.None));
        Assert.Empty(Query("SELECT name FROM sqlite_schema WHERE name = 'leftover'"));
    }

    [Fact]
    public void A_newer_format_is_refused()
    {
        SqliteCatalog.Open(_directory.FullPath).Dispose();
        Query("PRAGMA user_version = 9");
        var expected = $"'{Database}' has format 9, and this program knows formats up to 1: it was written by a newer version. Use that version, or another --data-dir.";
        Assert.Equal(expected, Assert.Throws<DataDirectoryException>(() => SqliteCatalog.Open(_directory.FullPath)).Message);
        Assert.Equal(expected, Assert.Throws<DataDirectoryException>(() => SqliteCatalog.OpenReadOnly(_directory.FullPath)).Message);
        using var unharmed = DataDirectory.Open(_directory.FullPath);
    }

    [Fact]
    public async Task A_closed_catalog_refuses_work()
    {
        var catalog = SqliteCatalog.Open(_directory.FullPath);
        catalog.Dispose();
        catalog.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => catalog.ApplyAsync([Batch(0, Running(0))], CancellationToken.None));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => catalog.ListRunsAsync(new RunQuery(), CancellationToken.None));
    }

    [Fact]
    public async Task People_find_actions_attempts_and_objects_in_plain_text()
    {
        using (var catalog = SqliteCatalog.Open(_directory.FullPath))
            await catalog.ApplyAsync([Batch(0, Completed())], CancellationToken.None);
        var (first, second) = (FirstAction(0).Value, FirstAction(0).Plus(1).Value);
        Assert.Equal(
            [$"{Id(0)}|video|completed|2026-03-04T05:06:07.1230000Z|2026-03-04T05:06:18.1230000Z|11|7|host/1|2"],
            Query("SELECT orch_id, name, status, started_at, finished_at, time_taken, action_time_taken, owner, epoch FROM runs"));
        Assert.Equal(["0|split|2|2|single"], Query("SELECT batch, step, actions, parallelism, writers FROM batches WHERE finished_at IS NOT NULL"));
        Assert.Equal(
            [$"0|{first}|splitter|succeeded|1", $"1|{second}|transcoder|succeeded|2"],
            Query("SELECT position, action_id, name, status, attempts FROM actions ORDER BY position"));
        Assert.Equal(
            [
                $"{first}|1|act-1|1|1.5|success|||",
                $"{second}|1|act-2|1|4|application_error|timeout|NoSuchKey|2026-03-04T05:06:14.1230000Z",
                $"{second}|2|act-3|0|1.5|success|||",
            ],
            Query("SELECT action_id, attempt, activation_id, queued, duration, outcome, late_outcome, error_code, retry_at FROM attempts ORDER BY position, attempt"));
        Assert.Equal(
            [$"{first}|in/clip.mp4|read|100|tag", $"{first}|out/1.mp4|write|40|tag", $"{first}|out/2.mp4|write|60|tag", $"{second}|out/9.mp4|miss|0|"],
            Query("SELECT action_id, object, access, size, etag FROM objects ORDER BY position, number"));
    }

    private List<string> Query(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => Convert.ToString(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture))));
        return rows;
    }
}
