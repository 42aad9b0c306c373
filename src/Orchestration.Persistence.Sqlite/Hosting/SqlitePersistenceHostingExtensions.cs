using System.Text;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Persistence.Hosting;

namespace Orchestration.Persistence.Sqlite;

/// <summary>Adds the SQLite journal and snapshot store to an actor system.</summary>
public static class SqlitePersistenceHostingExtensions
{
    /// <summary>Stores events and snapshots in a data directory. The directory is opened when the plugins start.</summary>
    /// <param name="builder">The system being configured.</param>
    /// <param name="dataDirectory">The folder of the database; a relative path is taken from the working folder.</param>
    /// <param name="isDefault">Whether persistent actors that name no plugin use these.</param>
    /// <returns>The builder.</returns>
    public static AkkaConfigurationBuilder WithSqlitePersistence(this AkkaConfigurationBuilder builder, string dataDirectory, bool isDefault = true) =>
        builder.WithSqlitePersistence(o =>
        {
            o.DataDirectory = dataDirectory;
            o.IsDefault = isDefault;
        });

    /// <summary>Stores events and snapshots in a data directory. The directory is opened when the plugins start.</summary>
    /// <param name="builder">The system being configured.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The builder.</returns>
    public static AkkaConfigurationBuilder WithSqlitePersistence(this AkkaConfigurationBuilder builder, Action<SqlitePersistenceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new SqlitePersistenceOptions();
        configure(options);
        ArgumentException.ThrowIfNullOrWhiteSpace(options.DataDirectory);
        return builder.WithJournalAndSnapshot(
            new Journal(options),
            new Snapshots(options),
            options.Journal ?? (static _ => { }),
            options.SnapshotStore ?? (static _ => { }));
    }

    private const string Identifier = "orchestration-sqlite";

    private static void AppendDirectory(StringBuilder hocon, SqlitePersistenceOptions options) =>
        hocon.Append("data-directory = ").AppendLine(options.DataDirectory.ToHocon());

    private sealed class Journal(SqlitePersistenceOptions options) : JournalOptions(options.IsDefault)
    {
        public override string Identifier { get; set; } = SqlitePersistenceHostingExtensions.Identifier;

        protected override Config InternalDefaultConfig => SqlitePersistence.DefaultConfig().GetConfig(SqlitePersistence.JournalId);

        protected override StringBuilder Build(StringBuilder sb)
        {
            AppendDirectory(sb, options);
            return base.Build(sb);
        }
    }

    private sealed class Snapshots(SqlitePersistenceOptions options) : SnapshotOptions(options.IsDefault)
    {
        public override string Identifier { get; set; } = SqlitePersistenceHostingExtensions.Identifier;

        protected override Config InternalDefaultConfig => SqlitePersistence.DefaultConfig().GetConfig(SqlitePersistence.SnapshotStoreId);

        protected override StringBuilder Build(StringBuilder sb)
        {
            AppendDirectory(sb, options);
            return base.Build(sb);
        }
    }
}
