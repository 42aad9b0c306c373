using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Orchestration.Persistence.Sqlite.Catalogs;

/// <summary>
/// A statement that is prepared once, gets values for <c>$0</c>, <c>$1</c> … and gives no rows. Straight on SQLite: a command of ADO.NET looks up each parameter by name each
/// time it runs, which takes longer than most statements of the catalog themselves. For one thread at a time.
/// </summary>
internal sealed class PreparedStatement : IDisposable
{
    private const int ShortText = 100;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly int[] _places;

    // What the statement has been given; it keeps that between two runs.
    private readonly object?[] _given;

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
        _given = new object?[parameters];
    }

    /// <summary>Runs it.</summary>
    /// <param name="values">Whole numbers, <see cref="double"/>s, texts, times, and <see cref="DBNull"/>.</param>
    /// <exception cref="SqliteException">It failed.</exception>
    public void Run(ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i].Equals(_given[i]))
                continue;
            _given[i] = null;
            Check(Bind(_places[i], values[i]));
            _given[i] = values[i];
        }

        var result = raw.sqlite3_step(_statement);
        // What went wrong is told by the step; a reset of a statement that failed tells it again.
        _ = raw.sqlite3_reset(_statement);
        if (result is not (raw.SQLITE_DONE or raw.SQLITE_ROW))
            Check(result);
    }

    public void Dispose() => _statement.Dispose();

    private int Bind(int place, object value) => value switch
    {
        string text => Bind(place, text),
        DateTimeOffset time => Bind(place, time),
        int number => raw.sqlite3_bind_int64(_statement, place, number),
        long number => raw.sqlite3_bind_int64(_statement, place, number),
        double number => raw.sqlite3_bind_double(_statement, place, number),
        DBNull => raw.sqlite3_bind_null(_statement, place),
        _ => throw new ArgumentOutOfRangeException(nameof(value), value.GetType().Name, "The catalog stores no such value."),
    };

    private int Bind(int place, string text)
    {
        if (text.Length > ShortText)
            return raw.sqlite3_bind_text(_statement, place, text);
        Span<byte> utf8 = stackalloc byte[ShortText * 3];
        return raw.sqlite3_bind_text(_statement, place, utf8[..Encoding.UTF8.GetBytes(text, utf8)]);
    }

    private int Bind(int place, DateTimeOffset time)
    {
        Span<byte> utf8 = stackalloc byte[CatalogText.TimeLength];
        CatalogText.Write(time, utf8);
        return raw.sqlite3_bind_text(_statement, place, utf8);
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
