using System.Runtime.ExceptionServices;
using Microsoft.Data.Sqlite;
using Orchestration.Core.Facts;
using Orchestration.Core.Serialization;
using Orchestration.Core.SharedObjects;
using Orchestration.Persistence.Sqlite.Storage;

namespace Orchestration.Persistence.Sqlite;

/// <summary>
/// Reads the journal of a data directory without an actor system and without taking the directory: also while another process writes it.
/// For one thread.
/// </summary>
public sealed class SqliteHistory : IDisposable
{
    private readonly string _file;
    private readonly SqliteConnection _connection;

    private SqliteHistory(string file)
    {
        _file = file;
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString);
    }

    /// <summary>Opens the journal.</summary>
    /// <param name="dataDirectory">The data directory.</param>
    /// <returns>The journal; null when nothing was ever stored there.</returns>
    /// <exception cref="DataDirectoryException">It cannot be read, or a newer version wrote it.</exception>
    public static SqliteHistory? Open(string dataDirectory)
    {
        var file = Path.Combine(Path.GetFullPath(dataDirectory), JournalStore.FileName);
        if (!File.Exists(file))
            return null;
        var history = new SqliteHistory(file);
        try
        {
            history._connection.Open();
            if (SqliteText.UserVersion(history._connection) == 0)
                return Discard(history);
            JournalSchema.Prepare(history._connection, file);
            return history;
        }
        catch (SqliteException e)
        {
            history.Dispose();
            throw StorageErrors.Explain(file, e);
        }
        catch
        {
            history.Dispose();
            throw;
        }
    }

    /// <summary>Persistence ids that have rows, the last in order first.</summary>
    /// <param name="prefix">What they begin with, ASCII.</param>
    /// <param name="limit">At most so many.</param>
    /// <returns>The ids.</returns>
    /// <exception cref="DataDirectoryException">The journal cannot be read.</exception>
    public IReadOnlyList<string> FindIds(string prefix, int limit) => Read(() =>
    {
        using var command = SqliteText.Prepare(
            _connection,
            "SELECT persistence_id FROM event WHERE persistence_id >= $0 AND persistence_id < $1 AND sequence_nr = 1 ORDER BY persistence_id DESC LIMIT $2",
            3);
        using var reader = command.With(prefix, prefix + '\u007f', limit).ExecuteReader();
        var ids = new List<string>();
        while (reader.Read())
            ids.Add(reader.GetString(0));
        return ids;
    });

    /// <summary>Reads the commits of an orchestration from the first on.</summary>
    /// <param name="persistenceId">Whose.</param>
    /// <param name="limit">At most so many rows.</param>
    /// <returns>A commit for each row in order, empty for rows that hold a part of a checkpoint; none when there are none.</returns>
    /// <exception cref="DataDirectoryException">The journal cannot be read.</exception>
    /// <exception cref="FormatException">A newer version wrote them.</exception>
    public IReadOnlyList<StoredCommit> ReadCommits(string persistenceId, int limit = int.MaxValue) =>
        ReadRows(persistenceId, FactJson.CommitManifest, limit, (number, json) => new StoredCommit(number, json is null ? new Commit([]) : FactJson.Read(json)));

    /// <summary>Reads what the mailbox of a shared object has stored.</summary>
    /// <param name="persistenceId">Whose.</param>
    /// <returns>Its rows in order; none when there are none.</returns>
    /// <exception cref="DataDirectoryException">The journal cannot be read.</exception>
    /// <exception cref="FormatException">A newer version wrote them.</exception>
    public IReadOnlyList<WriteCommit> ReadWrites(string persistenceId) =>
        [.. ReadRows(persistenceId, WriteJson.CommitManifest, int.MaxValue, (_, json) => json is null ? null : WriteJson.ReadCommit(json)).OfType<WriteCommit>()];

    /// <summary>Closes the journal.</summary>
    public void Dispose() => _connection.Dispose();

    // Rows of another manifest come without their payload.
    private T[] ReadRows<T>(string persistenceId, string manifest, int limit, Func<long, byte[]?, T> parse) => Read(() =>
    {
        using var command = SqliteText.Prepare(
            _connection,
            "SELECT sequence_nr, CASE serializer_manifest WHEN $1 THEN payload END FROM event WHERE persistence_id = $0 ORDER BY sequence_nr LIMIT $2",
            3);
        using var reader = command.With(persistenceId, manifest, limit).ExecuteReader();
        var rows = new List<(long SequenceNr, byte[]? Payload)>();
        while (reader.Read())
            rows.Add((reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<byte[]>(1)));

        // A large run has many megabytes of JSON, and somebody waits for it.
        var parsed = new T[rows.Count];
        try
        {
            Parallel.For(0, rows.Count, i => parsed[i] = parse(rows[i].SequenceNr, rows[i].Payload));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        return parsed;
    });

    private static SqliteHistory? Discard(SqliteHistory history)
    {
        history.Dispose();
        return null;
    }

    private T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (SqliteException e)
        {
            throw StorageErrors.Explain(_file, e);
        }
    }
}
