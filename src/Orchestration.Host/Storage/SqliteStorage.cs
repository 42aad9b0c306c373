using Akka.Hosting;
using Orchestration.Core.Ports;
using Orchestration.Host.Terminals;
using Orchestration.Persistence.Sqlite;

namespace Orchestration.Host.Storage;

/// <summary>The embedded storage: SQLite files in the data directory.</summary>
/// <param name="dataDirectory">The directory's absolute path.</param>
internal sealed class SqliteStorage(string dataDirectory) : RunStorage
{
    public override string Name => dataDirectory;

    public override string CommandOptions =>
        dataDirectory == Path.Combine(Directory.GetCurrentDirectory(), DataDirectory.DefaultName) ? "" : $"--data-dir {ShellText.Quote(dataDirectory)}";

    public override string OptionNames => "--data-dir";

    public override bool IsInDataDirectory => true;

    public override IRunHistory OpenHistory() => new SqliteRunHistory(dataDirectory);

    public override AkkaConfigurationBuilder Configure(AkkaConfigurationBuilder akka) => akka.WithSqlitePersistence(dataDirectory);

    public override ICatalog OpenCatalog() => SqliteCatalog.Open(dataDirectory);
}
