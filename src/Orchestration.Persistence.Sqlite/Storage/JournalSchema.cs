using Microsoft.Data.Sqlite;

namespace Orchestration.Persistence.Sqlite.Storage;

/// <summary>The tables of <c>journal.db</c> and the version of their format.</summary>
internal static class JournalSchema
{
    public const int Version = 1;

    // Times are .NET ticks (100 ns since year 1, UTC), as Akka.Persistence counts them.
    private const string Tables = """
        CREATE TABLE event (
            ordering            INTEGER PRIMARY KEY,
            persistence_id      TEXT    NOT NULL,
            sequence_nr         INTEGER NOT NULL,
            timestamp           INTEGER NOT NULL,
            writer_uuid         TEXT    NOT NULL,
            adapter_manifest    TEXT    NOT NULL,
            serializer_id       INTEGER NOT NULL,
            serializer_manifest TEXT    NOT NULL,
            payload             BLOB    NOT NULL,
            UNIQUE (persistence_id, sequence_nr)
        ) STRICT;
        CREATE TABLE deleted_to (
            persistence_id      TEXT    NOT NULL PRIMARY KEY,
            highest_sequence_nr INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE snapshot (
            persistence_id      TEXT    NOT NULL,
            sequence_nr         INTEGER NOT NULL,
            timestamp           INTEGER NOT NULL,
            serializer_id       INTEGER NOT NULL,
            serializer_manifest TEXT    NOT NULL,
            payload             BLOB    NOT NULL,
            PRIMARY KEY (persistence_id, sequence_nr)
        ) STRICT;
        """;

    /// <summary>Creates the tables in an empty database; refuses one of a newer format.</summary>
    /// <exception cref="DataDirectoryException">The database was written by a newer version of this program.</exception>
    public static void Prepare(SqliteConnection connection, string file)
    {
        var found = SqliteText.UserVersion(connection);
        if (found > Version)
        {
            throw new DataDirectoryException(
                Path.GetDirectoryName(file)!,
                $"'{file}' has format {found}, and this program knows formats up to {Version}: it was written by a newer version. Use that version, or another --data-dir.");
        }

        if (found == Version)
            return;
        using var transaction = connection.BeginTransaction();
        SqliteText.Run(connection, Tables, transaction);
        SqliteText.Run(connection, $"PRAGMA user_version = {Version}", transaction);
        transaction.Commit();
    }
}
