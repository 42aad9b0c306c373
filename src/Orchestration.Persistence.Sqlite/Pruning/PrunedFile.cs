using Microsoft.Data.Sqlite;
using Orchestration.Persistence.Sqlite.Storage;

namespace Orchestration.Persistence.Sqlite.Pruning;

/// <summary>A database file from which rows are removed, with a connection of its own. Every method throws <see cref="DataDirectoryException"/> when the file cannot be used.</summary>
internal sealed class PrunedFile : IDisposable
{
    // From this part of free pages on the file is written anew; below it the space is used for what comes next.
    private const int FreePart = 4;

    private readonly string _file;
    private readonly SqliteConnection _connection;

    private PrunedFile(string file, bool isWritten)
    {
        _file = file;
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = isWritten ? SqliteOpenMode.ReadWrite : SqliteOpenMode.ReadOnly,
            Pooling = false,
            DefaultTimeout = 5,
        }.ConnectionString);
    }

    /// <summary>Opens a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="isWritten">Whether something is to be removed.</param>
    /// <param name="check">Looks whether its format is known.</param>
    /// <returns>The file; null when it is not there, or holds nothing yet.</returns>
    public static PrunedFile? Open(string file, bool isWritten, Action<SqliteConnection, string> check)
    {
        if (!File.Exists(file))
            return null;
        var opened = new PrunedFile(file, isWritten);
        try
        {
            if (opened.Explained(() => opened.HasTables(check)))
                return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }

        opened.Dispose();
        return null;
    }

    /// <summary>The first column of what a query finds.</summary>
    public IReadOnlyList<string> Texts(string sql, params object[] values) => Explained<IReadOnlyList<string>>(() =>
    {
        using var command = SqliteText.Prepare(_connection, sql, values.Length);
        using var reader = command.With(values).ExecuteReader();
        var texts = new List<string>();
        while (reader.Read())
            texts.Add(reader.GetString(0));
        return texts;
    });

    /// <summary>The two numbers that a query about one run gives.</summary>
    public (long Count, long Bytes) Sum(string sql, string id) => Explained(() =>
    {
        using var command = SqliteText.Prepare(_connection, sql, 1);
        using var reader = command.With(id).ExecuteReader();
        reader.Read();
        return (reader.GetInt64(0), reader.GetInt64(1));
    });

    /// <summary>Runs statements about one run: all of them, or none.</summary>
    public void Change(string id, IEnumerable<string> statements) => Explained(() =>
    {
        using var transaction = _connection.BeginTransaction();
        foreach (var sql in statements)
        {
            using var command = SqliteText.Prepare(_connection, sql, 1);
            command.Transaction = transaction;
            command.With(id).ExecuteNonQuery();
        }

        transaction.Commit();
        return true;
    });

    /// <summary>Writes the file anew when much of it is free.</summary>
    /// <returns>Its size before and after, in bytes.</returns>
    public (long Before, long After) Compact() => Explained(() =>
    {
        // What was removed may stand in the log beside the file until it is written back.
        SqliteText.Run(_connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        var before = new FileInfo(_file).Length;
        if (Pragma("freelist_count") * FreePart >= Pragma("page_count"))
            SqliteText.Run(_connection, "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
        return (before, new FileInfo(_file).Length);
    });

    public void Dispose() => _connection.Dispose();

    private bool HasTables(Action<SqliteConnection, string> check)
    {
        _connection.Open();
        if (SqliteText.UserVersion(_connection) == 0)
            return false;
        check(_connection, _file);
        return true;
    }

    private long Pragma(string name)
    {
        using var command = SqliteText.Prepare(_connection, $"PRAGMA {name}", 0);
        return (long)command.ExecuteScalar()!;
    }

    private T Explained<T>(Func<T> use)
    {
        try
        {
            return use();
        }
        catch (SqliteException e)
        {
            throw StorageErrors.Explain(_file, e);
        }
    }
}
