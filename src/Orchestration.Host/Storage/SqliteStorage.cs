using Akka.Hosting;
using Orchestration.Core.Ports;
using Orchestration.Persistence.Sqlite;

namespace Orchestration.Host.Storage;

/// <summary>The embedded storage: SQLite files in the data directory.</summary>
/// <param name="dataDirectory">The directory's absolute path.</param>
internal sealed class SqliteStorage(string dataDirectory) : RunStorage
{
    /// <summary>What <c>--database</c> calls it.</summary>
    public const string DatabaseName = "sqlite";

    public override string Name => dataDirectory;

    public override string CommandOptions => DataDirectoryOption(dataDirectory);

    public override string OptionNames => "--data-dir or --database";

    public override bool HasOneWorker => true;

    public override Task PrepareAsync(CancellationToken cancellation) => Task.CompletedTask;

    public override IRunHistory OpenHistory() => new SqliteRunHistory(dataDirectory);

    public override AkkaConfigurationBuilder Configure(AkkaConfigurationBuilder akka) => akka.WithSqlitePersistence(dataDirectory);

    public override IRunPruning OpenPruning(bool isReadOnly) => isReadOnly ? SqlitePruning.OpenReadOnly(dataDirectory) : SqlitePruning.Open(dataDirectory);

    public override IServiceDocuments OpenDocuments() => new FolderDocuments(Path.Combine(dataDirectory, "service"));

    public override ICatalog OpenCatalog() => SqliteCatalog.Open(dataDirectory);
}
