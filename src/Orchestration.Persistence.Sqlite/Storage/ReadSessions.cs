using Microsoft.Data.Sqlite;

namespace Orchestration.Persistence.Sqlite.Storage;

/// <summary>Reading connections, kept open for the next reader. Reading never waits for the writer, nor the writer for readers (WAL).</summary>
internal sealed class ReadSessions(string file) : IDisposable
{
    private const int MaxIdle = 8;

    private readonly Lock _gate = new();
    private readonly Stack<ReadSession> _idle = new();
    private bool _closed;

    /// <summary>Runs a piece of reading on a connection of its own.</summary>
    /// <exception cref="DataDirectoryException">The database cannot be read.</exception>
    public T Read<T>(Func<ReadSession, T> read)
    {
        ReadSession? session = null;
        try
        {
            session = Take();
            var result = read(session);
            Return(session);
            return result;
        }
        catch (SqliteException e)
        {
            session?.Dispose();
            throw StorageErrors.Explain(file, e);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            while (_idle.TryPop(out var session))
                session.Dispose();
        }
    }

    private ReadSession Take()
    {
        lock (_gate)
        {
            if (_closed)
                throw new DataDirectoryException(Path.GetDirectoryName(file)!, $"'{file}' is closed: the actor system that used it is shutting down.");
            if (_idle.TryPop(out var session))
                return session;
        }

        return new ReadSession(file);
    }

    private void Return(ReadSession session)
    {
        lock (_gate)
        {
            if (!_closed && _idle.Count < MaxIdle)
            {
                _idle.Push(session);
                return;
            }
        }

        session.Dispose();
    }
}
