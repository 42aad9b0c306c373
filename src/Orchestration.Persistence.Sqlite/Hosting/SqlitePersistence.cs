using Akka.Configuration;

namespace Orchestration.Persistence.Sqlite;

/// <summary>Names and defaults of the SQLite plugins.</summary>
public static class SqlitePersistence
{
    /// <summary>HOCON path of the journal.</summary>
    public const string JournalId = "akka.persistence.journal.orchestration-sqlite";

    /// <summary>HOCON path of the snapshot store.</summary>
    public const string SnapshotStoreId = "akka.persistence.snapshot-store.orchestration-sqlite";

    /// <summary>What <c>hocon/embedded.conf</c> says, for systems configured by HOCON alone: append it as a fallback.</summary>
    /// <returns>The configuration of both plugins, without making them the default ones.</returns>
    public static Config DefaultConfig()
    {
        using var stream = typeof(SqlitePersistence).Assembly.GetManifestResourceStream("embedded.conf")!;
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }
}
