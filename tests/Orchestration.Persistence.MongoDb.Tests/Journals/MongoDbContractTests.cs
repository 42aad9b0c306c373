using Akka.Configuration;
using Orchestration.Persistence.Contract;
using Orchestration.Persistence.MongoDb.Tests.Support;
using Orchestration.Tests.Services;

namespace Orchestration.Persistence.MongoDb.Tests.Journals;

public sealed class MongoDbJournalContractTests(SharedMongo mongo) : JournalContract
{
    private readonly string _database = mongo.Server.NewDatabase();

    protected override Config Plugins => Configurations.For(_database);
}

public sealed class MongoDbJournalActorContractTests(SharedMongo mongo) : JournalActorContract
{
    private readonly string _database = mongo.Server.NewDatabase();

    protected override Config Plugins => Configurations.For(_database);
}

public sealed class MongoDbSnapshotStoreContractTests(SharedMongo mongo) : SnapshotStoreContract
{
    private readonly string _database = mongo.Server.NewDatabase();

    protected override Config Plugins => Configurations.For(_database);
}
