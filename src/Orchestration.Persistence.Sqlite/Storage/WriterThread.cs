using Microsoft.Data.Sqlite;

namespace Orchestration.Persistence.Sqlite.Storage;

/// <summary>
/// The one thread that writes a database. It takes everything that waits and stores it in one transaction, so that many writes share one
/// sync of the disk; a request that fails alone is undone alone.
/// </summary>
internal sealed class WriterThread : IDisposable
{
    // Bounds on a transaction, so that the first in line does not wait for a crowd behind it.
    private const int MaxRequests = 4096;
    private const long MaxBytes = 16 * 1024 * 1024;

    private readonly SqliteConnection _connection;
    private readonly WriteStatements _statements;
    private readonly string _file;
    private readonly Thread _thread;
    private readonly Queue<WriteRequest> _waiting = new();
    private readonly List<WriteRequest> _taken = [];
    private readonly List<WriteRequest> _sharing = [];
    private bool _closing;

    public WriterThread(SqliteConnection connection, string file)
    {
        _connection = connection;
        _statements = new WriteStatements(connection);
        _file = file;
        _thread = new Thread(Run) { IsBackground = true, Name = "sqlite writer" };
        _thread.Start();
    }

    /// <summary>Puts a request in line. Its task tells how it ended, also when the store is closed.</summary>
    public Task Enqueue(WriteRequest request)
    {
        lock (_waiting)
        {
            if (_closing)
            {
                request.Fail(new DataDirectoryException(Path.GetDirectoryName(_file)!, $"'{_file}' is closed: the actor system that used it is shutting down."));
                return request.Done;
            }

            _waiting.Enqueue(request);
            Monitor.Pulse(_waiting);
        }

        return request.Done;
    }

    /// <summary>Stores what is still in line, then ends the thread and closes the connection.</summary>
    public void Dispose()
    {
        lock (_waiting)
        {
            _closing = true;
            Monitor.Pulse(_waiting);
        }

        _thread.Join();
        _statements.Dispose();
        _connection.Dispose();
    }

    private void Run()
    {
        while (Take())
        {
            for (var next = 0; next < _taken.Count;)
                next = RunTransaction(next);
            _taken.Clear();
        }
    }

    private bool Take()
    {
        lock (_waiting)
        {
            while (_waiting.Count == 0)
            {
                if (_closing)
                    return false;
                Monitor.Wait(_waiting);
            }

            long bytes = 0;
            while (_taken.Count < MaxRequests && bytes < MaxBytes && _waiting.TryDequeue(out var request))
            {
                bytes += request.Bytes;
                _taken.Add(request);
            }

            return true;
        }
    }

    /// <summary>Stores the requests from <paramref name="next"/> on, until the last one or until SQLite gives up the transaction. Returns where to go on.</summary>
    private int RunTransaction(int next)
    {
        Exception? failure = null;
        try
        {
            var open = false;
            while (next < _taken.Count)
            {
                var request = _taken[next++];
                if (request.TryGiveUp())
                    continue;
                // From here on the request shares the transaction's fate.
                _sharing.Add(request);
                if (request.Statements == 0)
                    continue;
                if (!open)
                    _statements.Begin();
                open = true;
                if (!TryApply(request))
                    _sharing.RemoveAt(_sharing.Count - 1);
            }

            if (open)
                _statements.Commit();
        }
        catch (Exception e)
        {
            failure = Explain(e);
            RollBack();
        }

        foreach (var request in _sharing)
        {
            if (failure is null || request.Statements == 0)
                request.Succeed();
            else
                request.Fail(failure);
        }

        _sharing.Clear();
        return next;
    }

    private bool TryApply(WriteRequest request)
    {
        try
        {
            if (request.Statements > 1)
                _statements.Savepoint();
            request.Apply(_statements);
            if (request.Statements > 1)
                _statements.Release();
            return true;
        }
        catch (Exception e) when (_statements.InTransaction)
        {
            if (request.Statements > 1)
                _statements.UndoToSavepoint();
            request.Fail(e is SqliteException s && StorageErrors.IsDuplicateKey(s) ? request.OnDuplicateKey(s) : Explain(e));
            return false;
        }
    }

    private void RollBack()
    {
        try
        {
            if (_statements.InTransaction)
                _statements.Rollback();
        }
        catch (SqliteException)
        {
            // The next BEGIN fails with the reason, and is reported then.
        }
    }

    private Exception Explain(Exception e) => e is SqliteException s ? StorageErrors.Explain(_file, s) : e;
}
