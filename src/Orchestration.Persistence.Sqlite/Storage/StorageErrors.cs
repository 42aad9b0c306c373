using Microsoft.Data.Sqlite;

namespace Orchestration.Persistence.Sqlite.Storage;

/// <summary>Turns what SQLite reports into what a person can act on. Codes: https://sqlite.org/rescode.html.</summary>
internal static class StorageErrors
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int Constraint = 19;
    private const int NotADatabase = 26;

    /// <summary>Is it a row whose key is taken?</summary>
    public static bool IsDuplicateKey(SqliteException e) => e.SqliteErrorCode == Constraint;

    /// <summary>The same failure with the file's path, the cause and the remedy.</summary>
    public static DataDirectoryException Explain(string file, SqliteException e)
    {
        var directory = Path.GetDirectoryName(file)!;
        var text = e.SqliteErrorCode switch
        {
            Full => $"'{file}' cannot be written: the disk is full. Free some space; what was acknowledged before is stored.",
            ReadOnly => $"'{file}' cannot be written: it, or its directory, is read-only. Make both writable, or use another --data-dir.",
            Busy or Locked => $"'{file}' is locked by another program. Close what has it open (for example sqlite3 within a transaction), and try again.",
            Corrupt => $"'{file}' is damaged ({e.Message}). Restore it from a backup, or use another --data-dir.",
            NotADatabase => $"'{file}' is not an SQLite database. Move it away, or use another --data-dir.",
            CannotOpen => $"'{file}' cannot be opened. Look at the permissions of it and its directory, or use another --data-dir.",
            _ => $"'{file}' failed: {e.Message} (SQLite code {e.SqliteExtendedErrorCode}). Look at the disk and its free space; what was acknowledged before is stored.",
        };
        return new DataDirectoryException(directory, text, e);
    }
}
