using Akka.Configuration;

namespace Orchestration.Persistence.Sqlite.Tests.Support;

internal static class Configurations
{
    /// <summary>Both plugins as the default ones, on one data directory.</summary>
    public static Config For(string dataDirectory) =>
        ConfigurationFactory.ParseString(
            $$"""
            akka.persistence.journal.plugin = "{{SqlitePersistence.JournalId}}"
            akka.persistence.snapshot-store.plugin = "{{SqlitePersistence.SnapshotStoreId}}"
            {{SqlitePersistence.JournalId}}.data-directory = "{{dataDirectory}}"
            {{SqlitePersistence.SnapshotStoreId}}.data-directory = "{{dataDirectory}}"
            """).WithFallback(SqlitePersistence.DefaultConfig());
}
