using Microsoft.Data.Sqlite;

namespace Orchestration.Persistence.Sqlite.Storage;

/// <summary>
/// The database <c>journal.db</c> of a data directory: one writer thread, any number of readers. The journal and the snapshot store of
/// a process share it, whatever actor system they belong to; it closes with the last of them.
/// </summary>
internal sealed class JournalStore : IDisposable
{
    public const string FileName = "journal.db";

    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, JournalStore> OpenHere = new(StringComparer.Ordinal);

    private readonly DataDirectory _directory;
    private readonly WriterThread _writer;
    private readonly ReadSessions _readers;
    private int _users;

    private JournalStore(DataDirectory directory)
    {
        _directory = directory;
        File = directory.PathOf(FileName);
        _writer = new WriterThread(OpenWriter(File), File);
        _readers = new ReadSessions(File);
    }

    /// <summary>The database's absolute path.</summary>
    public string File { get; }

    /// <summary>Opens the store, or joins those of this process that have it open.</summary>
    /// <exception cref="DataDirectoryException">The directory or the database cannot be used.</exception>
    public static JournalStore Open(string dataDirectory)
    {
        lock (Gate)
        {
            var directory = DataDirectory.Open(dataDirectory);
            try
            {
                if (OpenHere.TryGetValue(directory.FullPath, out var store))
                {
                    directory.Dispose();
                }
                else
                {
                    store = new JournalStore(directory);
                    OpenHere.Add(directory.FullPath, store);
                }

                store._users++;
                return store;
            }
            catch (SqliteException e)
            {
                directory.Dispose();
                throw StorageErrors.Explain(directory.PathOf(FileName), e);
            }
            catch
            {
                directory.Dispose();
                throw;
            }
        }
    }

    public Task Write(WriteRequest request) => _writer.Enqueue(request);

    public T Read<T>(Func<ReadSession, T> read) => _readers.Read(read);

    /// <summary>Leaves the store; the last user to leave closes it when everything in line is stored.</summary>
    public void Dispose()
    {
        lock (Gate)
        {
            if (--_users > 0)
                return;
            OpenHere.Remove(_directory.FullPath);
            _readers.Dispose();
            _writer.Dispose();
            _directory.Dispose();
        }
    }

    private static SqliteConnection OpenWriter(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            // How long a foreign program may hold the lock before a write fails; nothing of this program ever does.
            DefaultTimeout = 5,
        }.ConnectionString);
        try
        {
            connection.Open();
            // FULL: a commit in the write-ahead log is synced before it is acknowledged (https://sqlite.org/pragma.html#pragma_synchronous).
            // A larger interval between checkpoints than the default 1,000 pages means fewer of them within a commit.
            SqliteText.Run(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864");
            JournalSchema.Prepare(connection, file);
            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw StorageErrors.Explain(file, e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
