using Orchestration.Core.Ports;
using Orchestration.Persistence.Contract;
using Orchestration.Tests.Services;

namespace Orchestration.Persistence.MongoDb.Tests.Catalogs;

public sealed class MongoDbCatalogContractTests(SharedMongo mongo) : CatalogContract
{
    private readonly string _database = mongo.Server.NewDatabase();

    protected override Task<ICatalog> OpenAsync() => Task.FromResult<ICatalog>(CatalogOfTest.Open(_database));

    protected override Task CloseAsync(ICatalog catalog) => Task.CompletedTask;
}
