using System.Text;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Persistence.Hosting;

namespace Orchestration.Persistence.MongoDb;

/// <summary>Adds the MongoDB journal and snapshot store to an actor system.</summary>
public static class MongoDbPersistenceHostingExtensions
{
    private const string Identifier = "mongodb";

    /// <summary>Stores events and snapshots in MongoDB. Nothing is sent before the plugins start.</summary>
    /// <param name="builder">The system being configured.</param>
    /// <param name="connectionString"><c>mongodb://[USER:PASSWORD@]HOST[:PORT]/DATABASE[?OPTIONS]</c>.</param>
    /// <param name="isDefault">Whether persistent actors that name no plugin use these.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MongoStorageException">The connection string is none, or names no database.</exception>
    public static AkkaConfigurationBuilder WithMongoDbPersistence(this AkkaConfigurationBuilder builder, string connectionString, bool isDefault = true) =>
        builder.WithMongoDbPersistence(o =>
        {
            o.ConnectionString = connectionString;
            o.IsDefault = isDefault;
        });

    /// <summary>Stores events and snapshots in MongoDB. Nothing is sent before the plugins start.</summary>
    /// <param name="builder">The system being configured.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MongoStorageException">The connection string is none, or names no database.</exception>
    public static AkkaConfigurationBuilder WithMongoDbPersistence(this AkkaConfigurationBuilder builder, Action<MongoDbPersistenceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new MongoDbPersistenceOptions();
        configure(options);
        var connection = MongoConnection.Of(options.ConnectionString);
        _ = connection.Database;
        return builder.WithJournalAndSnapshot(
            new Journal(options),
            new Snapshots(options),
            options.Journal ?? (journal => journal.WithCustomHealthCheck(Check(connection))),
            options.SnapshotStore ?? (static _ => { }));
    }

    private static AkkaHealthCheckRegistration Check(MongoConnection connection) =>
        new("mongodb", new Ping(connection), Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy, ["akka", "persistence", "mongodb"]);

    private static void AppendCommon(StringBuilder hocon, MongoDbPersistenceOptions options, string collection)
    {
        hocon.Append("connection-string = ").AppendLine(options.ConnectionString.ToHocon());
        hocon.Append("auto-initialize = ").AppendLine(options.AutoInitialize.ToHocon());
        hocon.Append("collection = ").AppendLine(collection.ToHocon());
        hocon.Append("call-timeout = ").AppendLine(options.CallTimeout.ToHocon());
    }

    private sealed class Ping(MongoConnection connection) : IAkkaHealthCheck
    {
        public Task<Microsoft.Extensions.Diagnostics.HealthChecks.HealthCheckResult> CheckHealthAsync(AkkaHealthCheckContext context, CancellationToken cancellationToken = default) =>
            new MongoHealthCheck(connection).CheckHealthAsync(null!, cancellationToken);
    }

    private sealed class Journal(MongoDbPersistenceOptions options) : JournalOptions(options.IsDefault)
    {
        public override string Identifier { get; set; } = MongoDbPersistenceHostingExtensions.Identifier;

        protected override Config InternalDefaultConfig => MongoDbPersistence.DefaultConfig().GetConfig(MongoDbPersistence.JournalId);

        protected override StringBuilder Build(StringBuilder sb)
        {
            AppendCommon(sb, options, options.JournalCollection);
            sb.Append("metadata-collection = ").AppendLine(options.MetadataCollection.ToHocon());
            sb.Append("use-write-transaction = ").AppendLine(options.UseWriteTransaction.ToHocon());
            return base.Build(sb);
        }
    }

    private sealed class Snapshots(MongoDbPersistenceOptions options) : SnapshotOptions(options.IsDefault)
    {
        public override string Identifier { get; set; } = MongoDbPersistenceHostingExtensions.Identifier;

        protected override Config InternalDefaultConfig => MongoDbPersistence.DefaultConfig().GetConfig(MongoDbPersistence.SnapshotStoreId);

        protected override StringBuilder Build(StringBuilder sb)
        {
            AppendCommon(sb, options, options.SnapshotCollection);
            return base.Build(sb);
        }
    }
}
