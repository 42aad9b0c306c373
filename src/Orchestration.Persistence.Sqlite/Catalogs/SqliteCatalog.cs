using Microsoft.Data.Sqlite;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Persistence.Sqlite.Catalogs;
using Orchestration.Persistence.Sqlite.Storage;

namespace Orchestration.Persistence.Sqlite;

/// <summary>
/// The catalog of a data directory, in the file <c>catalog.db</c>: runs, batches, actions, attempts and objects, readable with any
/// SQLite tool while a run goes on. It is made from the journal and can be made again: a file of an older format starts empty, with all cursors at 0.
/// </summary>
public sealed class SqliteCatalog : ICatalog, IObjectHistory, IDisposable
{
    /// <summary>The file's name in the data directory.</summary>
    public const string FileName = "catalog.db";

    private readonly string _file;
    private readonly DataDirectory? _directory;
    private readonly SqliteConnection? _writer;
    private readonly CatalogWriter? _rows;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Lock _reading = new();
    private SqliteConnection? _reader;
    private bool _closed;

    private SqliteCatalog(string file, DataDirectory? directory)
    {
        _file = file;
        _directory = directory;
        if (directory is null)
            return;
        _writer = OpenWriter(file);
        _rows = new CatalogWriter(_writer);
    }

    /// <summary>Opens the catalog to write and read it, and takes the data directory for this process as the journal does.</summary>
    /// <param name="dataDirectory">The data directory; a relative path is taken from the working folder.</param>
    /// <returns>The catalog; the caller disposes it.</returns>
    /// <exception cref="DataDirectoryException">The directory or the file cannot be used.</exception>
    public static SqliteCatalog Open(string dataDirectory)
    {
        var directory = DataDirectory.Open(dataDirectory);
        try
        {
            return new SqliteCatalog(directory.PathOf(FileName), directory);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Opens the catalog to read it, also while another process writes it. <see cref="ApplyAsync"/> is refused then.</summary>
    /// <param name="dataDirectory">The data directory; a relative path is taken from the working folder.</param>
    /// <returns>The catalog; the caller disposes it.</returns>
    /// <exception cref="DataDirectoryException">There is no catalog, or it cannot be read.</exception>
    public static SqliteCatalog OpenReadOnly(string dataDirectory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(dataDirectory);
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(dataDirectory));
        var file = Path.Combine(full, FileName);
        if (!File.Exists(file))
            throw new DataDirectoryException(full, $"There is no catalog in '{full}': nothing was run with this data directory. Name the one of the runs you look for with --data-dir.");
        var catalog = new SqliteCatalog(file, null);
        catalog.Read(static _ => true);
        return catalog;
    }

    /// <inheritdoc/>
    public Task<long> GetCursorAsync(OrchestrationId id, CancellationToken cancellation) =>
        Task.Run(() => Read(connection => CatalogQueries.Cursor(connection, id)), cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunSummary>> ListRunsAsync(RunQuery query, CancellationToken cancellation) =>
        Task.Run<IReadOnlyList<RunSummary>>(() => Read(connection => CatalogQueries.Runs(connection, query)), cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<ObjectKey, ObjectWriter>> FindWritersAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellation) =>
        Task.Run<IReadOnlyDictionary<ObjectKey, ObjectWriter>>(() => Read(connection => CatalogQueries.Writers(connection, keys)), cancellation);

    /// <inheritdoc/>
    /// <exception cref="DataDirectoryException">The file cannot be written.</exception>
    public async Task ApplyAsync(IReadOnlyList<CatalogBatch> batches, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(batches);
        if (_writer is null || _rows is null)
            throw new InvalidOperationException($"The catalog '{_file}' was opened to be read only.");
        await _writing.WaitAsync(cancellation);
        try
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            await Task.Run(() => Apply(_writer, _rows, batches, cancellation), cancellation);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Waits for what is being applied, then closes the file.</summary>
    public void Dispose()
    {
        _writing.Wait();
        lock (_reading)
        {
            if (!_closed)
            {
                _closed = true;
                _reader?.Dispose();
                _rows?.Dispose();
                _writer?.Dispose();
                _directory?.Dispose();
            }
        }

        // The semaphore stays usable, so that whoever waits for it is refused and not left waiting.
        _writing.Release();
    }

    private void Apply(SqliteConnection connection, CatalogWriter rows, IReadOnlyList<CatalogBatch> batches, CancellationToken cancellation)
    {
        try
        {
            SqliteText.Run(connection, "BEGIN IMMEDIATE");
            foreach (var batch in batches)
            {
                cancellation.ThrowIfCancellationRequested();
                rows.Apply(batch);
            }

            SqliteText.Run(connection, "COMMIT");
        }
        catch (Exception e)
        {
            // Some errors, such as a full disk, end the transaction by themselves.
            if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0)
                SqliteText.Run(connection, "ROLLBACK");
            if (e is SqliteException s)
                throw StorageErrors.Explain(_file, s);
            throw;
        }
    }

    private T Read<T>(Func<SqliteConnection, T> read)
    {
        lock (_reading)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            try
            {
                return read(_reader ??= OpenReader(_file));
            }
            catch (SqliteException e)
            {
                _reader?.Dispose();
                _reader = null;
                throw StorageErrors.Explain(_file, e);
            }
        }
    }

    private static SqliteConnection OpenReader(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        }.ConnectionString);
        try
        {
            connection.Open();
            CatalogSchema.Check(connection, file);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static SqliteConnection OpenWriter(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 5,
        }.ConnectionString);
        try
        {
            connection.Open();
            // NORMAL: a power cut may take the last transactions, never the file's order; what is lost is projected again from the journal.
            SqliteText.Run(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864");
            CatalogSchema.Prepare(connection, file);
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
