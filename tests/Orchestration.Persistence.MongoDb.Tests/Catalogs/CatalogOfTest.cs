using MongoDB.Bson;
using MongoDB.Driver;

namespace Orchestration.Persistence.MongoDb.Tests.Catalogs;

/// <summary>Catalogs in the databases of tests, never in that of the old system.</summary>
internal static class CatalogOfTest
{
    public static MongoDbCatalog Open(string connectionString) => new(MongoConnection.Of(connectionString), MongoUrl.Create(connectionString).DatabaseName);

    public static IMongoCollection<BsonDocument> Collection(string connectionString, string name) => MongoConnection.Of(connectionString).Database.GetCollection<BsonDocument>(name);

    /// <summary>All documents of a collection by their ids.</summary>
    public static async Task<List<BsonDocument>> ReadAsync(string connectionString, string name) =>
        await Collection(connectionString, name).Find(FilterDefinition<BsonDocument>.Empty).Sort(new BsonDocument("_id", 1)).ToListAsync();
}
