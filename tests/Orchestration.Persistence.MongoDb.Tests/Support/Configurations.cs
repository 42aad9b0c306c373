using Akka.Configuration;

namespace Orchestration.Persistence.MongoDb.Tests.Support;

internal static class Configurations
{
    /// <summary>Both plugins as the default ones, on one database.</summary>
    public static Config For(string connectionString, string more = "") =>
        ConfigurationFactory.ParseString(
            $$"""
            akka.persistence.journal.plugin = "{{MongoDbPersistence.JournalId}}"
            akka.persistence.snapshot-store.plugin = "{{MongoDbPersistence.SnapshotStoreId}}"
            {{MongoDbPersistence.JournalId}}.connection-string = "{{connectionString}}"
            {{MongoDbPersistence.SnapshotStoreId}}.connection-string = "{{connectionString}}"
            {{more}}
            """).WithFallback(MongoDbPersistence.DefaultConfig());
}
