using Akka.Persistence.Hosting;

namespace Orchestration.Persistence.MongoDb;

/// <summary>Settings of <see cref="MongoDbPersistenceHostingExtensions.WithMongoDbPersistence(Akka.Hosting.AkkaConfigurationBuilder, Action{MongoDbPersistenceOptions})"/>.</summary>
public sealed class MongoDbPersistenceOptions
{
    /// <summary><c>mongodb://[USER:PASSWORD@]HOST[:PORT]/DATABASE[?OPTIONS]</c>. Required.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Whether persistent actors that name no plugin use these. Default: true.</summary>
    public bool IsDefault { get; set; } = true;

    /// <summary>Whether the indexes are made on first use. Default: true.</summary>
    public bool AutoInitialize { get; set; } = true;

    /// <summary>The collection of events. Default: <c>EventJournal</c>.</summary>
    public string JournalCollection { get; set; } = "EventJournal";

    /// <summary>The collection of the highest sequence numbers of what was deleted. Default: <c>Metadata</c>.</summary>
    public string MetadataCollection { get; set; } = "Metadata";

    /// <summary>The collection of snapshots. Default: <c>SnapshotStore</c>.</summary>
    public string SnapshotCollection { get; set; } = "SnapshotStore";

    /// <summary>Whether several events in one write are one transaction, which needs a replica set; otherwise they are refused. Default: true.</summary>
    public bool UseWriteTransaction { get; set; } = true;

    /// <summary>How long a call to MongoDB may take. Default: 10 s.</summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Adds event adapters and health checks to the journal. Default: a ping (<see cref="MongoHealthCheck"/>) under <c>mongodb</c>.</summary>
    public Action<AkkaPersistenceJournalBuilder>? Journal { get; set; }

    /// <summary>Adds health checks to the snapshot store. Default: none.</summary>
    public Action<AkkaPersistenceSnapshotBuilder>? SnapshotStore { get; set; }
}
