using Orchestration.Core.Ports;
using Orchestration.Persistence.Contract;
using Orchestration.Tests.Services;

namespace Orchestration.Persistence.MongoDb.Tests.Documents;

public sealed class MongoDbDocumentsTests(SharedMongo mongo) : ServiceDocumentsContract
{
    private readonly string _database = mongo.Server.NewDatabase();

    protected override IServiceDocuments Open() => new MongoDbDocuments(MongoConnection.Of(_database));
}
