using Microsoft.Data.Sqlite;
using Orchestration.Persistence.Sqlite.Storage;

namespace Orchestration.Persistence.Sqlite.Catalogs;

/// <summary>
/// The tables of <c>catalog.db</c>, made to be read by people: ids as hexadecimal text, times as ISO 8601 text in UTC, durations in seconds,
/// sizes in bytes. Parameters and results are left to the journal.
/// </summary>
internal static class CatalogSchema
{
    public const int Version = 1;

    private const string Tables = """
        CREATE TABLE cursors (
            orch_id           TEXT    NOT NULL PRIMARY KEY,
            sequence_nr       INTEGER NOT NULL              -- the last journal row projected
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE runs (
            orch_id           TEXT    NOT NULL PRIMARY KEY,
            name              TEXT    NOT NULL,
            status            TEXT    NOT NULL,             -- running, completed, failed, cancelled
            started_at        TEXT    NOT NULL,
            finished_at       TEXT,
            time_taken        REAL,
            action_time_taken REAL    NOT NULL DEFAULT 0,   -- summed over the ended attempts
            actions           INTEGER NOT NULL DEFAULT 0,
            succeeded         INTEGER NOT NULL DEFAULT 0,
            failed            INTEGER NOT NULL DEFAULT 0,
            attempts          INTEGER NOT NULL DEFAULT 0,
            error_code        TEXT,
            error             TEXT,
            error_step        TEXT,
            api_host          TEXT    NOT NULL,
            namespace         TEXT    NOT NULL,
            object_store      TEXT    NOT NULL,
            pipeline          TEXT,
            owner             TEXT,
            epoch             INTEGER
        ) STRICT;
        CREATE INDEX runs_by_start ON runs (started_at);
        CREATE INDEX runs_by_name ON runs (name, started_at);
        CREATE TABLE batches (
            orch_id           TEXT    NOT NULL,
            batch             INTEGER NOT NULL,
            step              TEXT    NOT NULL,             -- the batch's key
            actions           INTEGER NOT NULL,
            parallelism       INTEGER,
            writers           TEXT    NOT NULL,             -- single, shared
            started_at        TEXT    NOT NULL,
            finished_at       TEXT,
            PRIMARY KEY (orch_id, batch)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE actions (
            orch_id           TEXT    NOT NULL,
            batch             INTEGER NOT NULL,
            position          INTEGER NOT NULL,             -- in the batch, from 0
            action_id         TEXT    NOT NULL,
            name              TEXT    NOT NULL,
            status            TEXT    NOT NULL,             -- waiting, running, succeeded, failed
            attempts          INTEGER NOT NULL DEFAULT 0,
            created_at        TEXT    NOT NULL,
            PRIMARY KEY (orch_id, batch, position)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE attempts (
            orch_id           TEXT    NOT NULL,
            batch             INTEGER NOT NULL,
            position          INTEGER NOT NULL,
            attempt           INTEGER NOT NULL,             -- from 1
            action_id         TEXT    NOT NULL,
            activation_id     TEXT,
            queued            REAL    NOT NULL,
            started_at        TEXT    NOT NULL,             -- by the orchestrator's clock
            ended_at          TEXT,
            run_start         TEXT,                         -- by the platform's clock
            run_end           TEXT,
            duration          REAL,                         -- the platform's; where unknown, from started_at to ended_at
            outcome           TEXT,
            late_outcome      TEXT,                         -- what became known after the attempt was closed
            error_code        TEXT,
            error             TEXT,
            retry_at          TEXT,
            PRIMARY KEY (orch_id, batch, position, attempt)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE objects (
            orch_id           TEXT    NOT NULL,
            batch             INTEGER NOT NULL,
            position          INTEGER NOT NULL,
            attempt           INTEGER NOT NULL,
            number            INTEGER NOT NULL,             -- within the attempt, from 0
            action_id         TEXT    NOT NULL,
            object            TEXT    NOT NULL,             -- bucket/key
            access            TEXT    NOT NULL,             -- read, write, miss
            size              INTEGER NOT NULL,
            etag              TEXT,
            time              TEXT    NOT NULL,
            PRIMARY KEY (orch_id, batch, position, attempt, number)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX objects_by_name ON objects (object, access, time);
        """;

    /// <summary>Makes the tables of this version. Those of an older one are dropped: their owner projects again from the journal.</summary>
    /// <exception cref="DataDirectoryException">The catalog was written by a newer version of this program.</exception>
    public static void Prepare(SqliteConnection connection, string file)
    {
        var found = SqliteText.UserVersion(connection);
        RefuseNewer(found, file);
        if (found == Version)
            return;
        using var transaction = connection.BeginTransaction();
        foreach (var table in TablesIn(connection, transaction))
            SqliteText.Run(connection, $"DROP TABLE \"{table}\"", transaction);
        SqliteText.Run(connection, Tables, transaction);
        SqliteText.Run(connection, $"PRAGMA user_version = {Version}", transaction);
        transaction.Commit();
    }

    /// <summary>Looks whether a reader can make sense of a catalog.</summary>
    /// <exception cref="DataDirectoryException">The catalog is of another version.</exception>
    public static void Check(SqliteConnection connection, string file)
    {
        var found = SqliteText.UserVersion(connection);
        RefuseNewer(found, file);
        if (found < Version)
        {
            throw new DataDirectoryException(
                Path.GetDirectoryName(file)!,
                $"'{file}' has the old format {found}. The next run with this data directory makes it anew; until then it cannot be read.");
        }
    }

    private static void RefuseNewer(int found, string file)
    {
        if (found > Version)
        {
            throw new DataDirectoryException(
                Path.GetDirectoryName(file)!,
                $"'{file}' has format {found}, and this program knows formats up to {Version}: it was written by a newer version. Use that version, or another --data-dir.");
        }
    }

    private static List<string> TablesIn(SqliteConnection connection, SqliteTransaction transaction)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
        using var reader = command.ExecuteReader();
        var names = new List<string>();
        while (reader.Read())
            names.Add(reader.GetString(0));
        return names;
    }
}
