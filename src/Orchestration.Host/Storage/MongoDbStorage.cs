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
    /// <summary>The database when the connection string names none: the one of the system that this program replaces.</summary>
    public const string DefaultDatabase = "openwhisk";

    private readonly Given _given;
    private readonly string _dataDirectory;
    private readonly MongoDbPersistenceOptions _options;
    private readonly MongoConnection _connection;

    /// <exception cref="CommandException">It is no connection string.</exception>
    public MongoDbStorage(Given given, HostSettings settings)
    {
        (_given, _dataDirectory) = (given, settings.DataDirectory);
        try
        {
            _options = new MongoDbPersistenceOptions { ConnectionString = MongoConnection.WithDatabase(given.Value, DefaultDatabase), AutoInitialize = settings.CreateIndexes ?? true };
            _connection = MongoConnection.Of(_options.ConnectionString);
        }
        catch (MongoStorageException e)
        {
            throw CommandException.Usage($"{given.Source}: {e.Message}", e);
        }
    }

    public override string Name => _connection.RedactedName;

    public override string CommandOptions => string.Join(' ', new[] { DatabaseOption(), DataDirectoryOption(_dataDirectory) }.Where(o => o.Length > 0));

    public override string OptionNames => CommonOptions.Database.Name;

    public override bool IsInDataDirectory => false;

    /// <summary>Whether a text means a MongoDB server.</summary>
    public static bool Accepts(string database) =>
        database.StartsWith("mongodb://", StringComparison.OrdinalIgnoreCase) || database.StartsWith("mongodb+srv://", StringComparison.OrdinalIgnoreCase);

    public override Task PrepareAsync(CancellationToken cancellation) => MongoDbSetup.PrepareAsync(_options, cancellation);

    public override IRunHistory OpenHistory()
    {
        _connection.Ping();
        return new MongoDbRunHistory(new MongoDbHistory(_connection, _options.JournalCollection));
    }

    public override AkkaConfigurationBuilder Configure(AkkaConfigurationBuilder akka) => akka.WithMongoDbPersistence(options =>
    {
        options.ConnectionString = _options.ConnectionString;
        options.AutoInitialize = _options.AutoInitialize;
    });

    public override ICatalog? OpenCatalog() => null;

    // What was set elsewhere is found again there. Whatever may be secret is never printed: the shell takes it from the environment, or says that it is not there.
    private string DatabaseOption()
    {
        if (_given.Source != CommonOptions.Database.Name)
            return "";
        var isPlain = !_given.Value.Contains('@', StringComparison.Ordinal) && !_given.Value.Contains('?', StringComparison.Ordinal);
        return $"{CommonOptions.Database.Name} {(isPlain ? ShellText.Quote(_given.Value) : "\"${Orchestration__Database:?}\"")}";
    }
}
