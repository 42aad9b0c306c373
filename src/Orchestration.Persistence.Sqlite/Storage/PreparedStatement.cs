using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Orchestration.Persistence.Sqlite.Storage;

/// <summary>
/// A statement that is prepared once, gets values for <c>$0</c>, <c>$1</c> … and gives no rows. Straight on SQLite: a command of ADO.NET looks up each parameter by name each
/// time it runs, which takes longer than most statements of the catalog themselves. For one thread at a time.
/// </summary>
internal sealed class PreparedStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly int[] _places;

    /// <summary>Prepares it.</summary>
    /// <param name="connection">The open connection.</param>
    /// <param name="sql">One statement.</param>
    /// <param name="parameters">How many parameters it has.</param>
    /// <exception cref="SqliteException">It is no statement.</exception>
    public PreparedStatement(SqliteConnection connection, string sql, int parameters)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, sql, out _statement));
        _places = [.. Enumerable.Range(0, parameters).Select(i => raw.sqlite3_bind_parameter_index(_statement, "$" + i.ToString(CultureInfo.InvariantCulture)))];
    }

    /// <summary>Runs it.</summary>
    /// <param name="values">Whole numbers, <see cref="double"/>s, texts, and <see cref="DBNull"/>.</param>
    /// <exception cref="SqliteException">It failed.</exception>
    public void Run(ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
            Check(Bind(_places[i], values[i]));
        var result = raw.sqlite3_step(_statement);
        // What went wrong is told by the step; a reset of a statement that failed tells it again.
        _ = raw.sqlite3_reset(_statement);
        if (result is not (raw.SQLITE_DONE or raw.SQLITE_ROW))
            Check(result);
    }

    public void Dispose() => _statement.Dispose();

    private int Bind(int place, object value) => value switch
    {
        string text => raw.sqlite3_bind_text(_statement, place, text),
        int number => raw.sqlite3_bind_int64(_statement, place, number),
        long number => raw.sqlite3_bind_int64(_statement, place, number),
        double number => raw.sqlite3_bind_double(_statement, place, number),
        DBNull => raw.sqlite3_bind_null(_statement, place),
        _ => throw new ArgumentOutOfRangeException(nameof(value), value.GetType().Name, "The catalog stores no such value."),
    };

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
