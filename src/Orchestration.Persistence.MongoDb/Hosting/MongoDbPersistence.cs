using Akka.Configuration;

namespace Orchestration.Persistence.MongoDb;

/// <summary>Names and defaults of the MongoDB plugins.</summary>
public static class MongoDbPersistence
{
    /// <summary>HOCON path of the journal.</summary>
    public const string JournalId = "akka.persistence.journal.mongodb";

    /// <summary>HOCON path of the snapshot store.</summary>
    public const string SnapshotStoreId = "akka.persistence.snapshot-store.mongodb";

    /// <summary>What the collection of the parts of large snapshots is called, behind the name of that of snapshots.</summary>
    internal const string ChunksSuffix = "Chunks";

#if AKKA_PERSISTENCE_MONGODB
    private const string Classes = $$"""
        {{JournalId}}.class = "Akka.Persistence.MongoDb.Journal.MongoDbJournal, Akka.Persistence.MongoDb"
        {{SnapshotStoreId}}.class = "Akka.Persistence.MongoDb.Snapshot.MongoDbSnapshotStore, Akka.Persistence.MongoDb"
        """;
#else
    private const string Classes = "";
#endif

    /// <summary>What <c>hocon/mongodb.conf</c> says, for systems configured by HOCON alone: append it as a fallback.</summary>
    /// <returns>The configuration of both plugins, without making them the default ones.</returns>
    public static Config DefaultConfig()
    {
        using var stream = typeof(MongoDbPersistence).Assembly.GetManifestResourceStream("mongodb.conf")!;
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(Classes).WithFallback(ConfigurationFactory.ParseString(reader.ReadToEnd()));
    }
}
