using Akka.Hosting;
using Orchestration.Core.Ports;
using Orchestration.Host.Commands;
using Orchestration.Host.Settings;
using Orchestration.Host.Terminals;
using Orchestration.Persistence.MongoDb;

namespace Orchestration.Host.Storage;

/// <summary>Storage on a MongoDB server. All that is asked of it goes through one client.</summary>
internal sealed class MongoDbStorage : RunStorage
{
    // Long enough for a process that is busy or whose server changes its primary, and short enough to wait for when a machine is gone.
    private static readonly TimeSpan DefaultLease = TimeSpan.FromSeconds(30);

    private readonly Given _given;
    private readonly string _dataDirectory;
    private readonly MongoDbPersistenceOptions _options;
    private readonly MongoConnection _connection;
    private readonly MongoDbCatalog _catalog;
    private readonly TimeSpan _lease;

    /// <exception cref="CommandException">It is no connection string.</exception>
    public MongoDbStorage(Given given, HostSettings settings)
    {
        (_given, _dataDirectory, _lease) = (given, settings.DataDirectory, settings.Lease ?? DefaultLease);
        try
        {
            _options = new MongoDbPersistenceOptions { ConnectionString = MongoConnection.WithDatabase(given.Value, MongoDbCatalog.DefaultDatabase), AutoInitialize = settings.CreateIndexes ?? true };
            _connection = MongoConnection.Of(_options.ConnectionString);
            _catalog = new MongoDbCatalog(_connection, CatalogDatabase(settings), _options.AutoInitialize);
        }
        catch (MongoStorageException e)
        {
            throw CommandException.Usage($"{given.Source}: {e.Message}", e);
        }
    }

    public override string Name => _connection.RedactedName;

    public override string CommandOptions => string.Join(' ', new[] { DatabaseOption(), DataDirectoryOption(_dataDirectory) }.Where(o => o.Length > 0));

    public override string OptionNames => CommonOptions.Database.Name;

    public override bool HasOneWorker => false;

    /// <summary>Whether a text means a MongoDB server.</summary>
    public static bool Accepts(string database) =>
        database.StartsWith("mongodb://", StringComparison.OrdinalIgnoreCase) || database.StartsWith("mongodb+srv://", StringComparison.OrdinalIgnoreCase);

    public override async Task PrepareAsync(CancellationToken cancellation)
    {
        await MongoDbSetup.PrepareAsync(_options, cancellation);
        await _catalog.PrepareAsync(cancellation);
    }

    public override IRunHistory OpenHistory()
    {
        _connection.Ping();
        return new MongoDbRunHistory(new MongoDbHistory(_connection, _options.JournalCollection), _catalog, NewLeases(autoInitialize: false));
    }

    public override ILeaseStore OpenLeases() => NewLeases(_options.AutoInitialize);

    public override AkkaConfigurationBuilder Configure(AkkaConfigurationBuilder akka) => akka.WithMongoDbPersistence(options =>
    {
        options.ConnectionString = _options.ConnectionString;
        options.AutoInitialize = _options.AutoInitialize;
    });

    public override IRunPruning OpenPruning(bool isReadOnly) => new MongoDbPruning(_connection, _options, _catalog, NewLeases(autoInitialize: false));

    public override ICatalog OpenCatalog() => _catalog;

    public override IServiceDocuments OpenDocuments() => new MongoDbDocuments(_connection);

    private static string CatalogDatabase(HostSettings settings)
    {
        if (settings.CatalogDatabase is not { } given)
            return MongoDbCatalog.DefaultDatabase;
        return given.Value.Length < 64 && given.Value.IndexOfAny(['/', '\\', '.', ' ', '"', '$', '\0']) < 0
            ? given.Value
            : throw CommandException.Usage($"{given.Source}: '{Humanize.Shorten(given.Value, 70)}' is no name of a database. It has at most 63 characters, and none of / \\ . \" $ and spaces.");
    }

    private MongoDbLeaseStore NewLeases(bool autoInitialize) => new(_connection, _lease, autoInitialize: autoInitialize);

    // What was set elsewhere is found again there. Whatever may be secret is never printed: the shell takes it from the environment, or says that it is not there.
    private string DatabaseOption()
    {
        if (_given.Source != CommonOptions.Database.Name)
            return "";
        var isPlain = !_given.Value.Contains('@', StringComparison.Ordinal) && !_given.Value.Contains('?', StringComparison.Ordinal);
        return $"{CommonOptions.Database.Name} {(isPlain ? ShellText.Quote(_given.Value) : "\"${Orchestration__Database:?}\"")}";
    }
}
