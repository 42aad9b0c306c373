using Akka.Persistence.Hosting;

namespace Orchestration.Persistence.Sqlite;

/// <summary>Settings of <see cref="SqlitePersistenceHostingExtensions.WithSqlitePersistence(Akka.Hosting.AkkaConfigurationBuilder, Action{SqlitePersistenceOptions})"/>.</summary>
public sealed class SqlitePersistenceOptions
{
    /// <summary>The folder of the database; a relative path is taken from the working folder. Default: <c>.orchestration</c>.</summary>
    public string DataDirectory { get; set; } = Sqlite.DataDirectory.DefaultName;

    /// <summary>Whether persistent actors that name no plugin use these. Default: true.</summary>
    public bool IsDefault { get; set; } = true;

    /// <summary>Adds event adapters and health checks to the journal. Default: none.</summary>
    public Action<AkkaPersistenceJournalBuilder>? Journal { get; set; }

    /// <summary>Adds health checks to the snapshot store. Default: none.</summary>
    public Action<AkkaPersistenceSnapshotBuilder>? SnapshotStore { get; set; }
}
