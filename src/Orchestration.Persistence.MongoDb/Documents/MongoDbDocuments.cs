using MongoDB.Bson;
using MongoDB.Driver;
using Orchestration.Core.Ports;

namespace Orchestration.Persistence.MongoDb;

/// <summary>Small texts that a service keeps beside its runs: documents <c>{_id: "kind/name", kind, name, text}</c> in a collection.</summary>
public sealed class MongoDbDocuments : IServiceDocuments
{
    /// <summary>The collection's name when none is given.</summary>
    public const string DefaultCollection = "ServiceDocuments";

    private const string Id = "_id";
    private const string Kind = "kind";
    private const string Name = "name";
    private const string Text = "text";

    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    private readonly MongoConnection _connection;
    private readonly IMongoCollection<BsonDocument> _documents;

    /// <summary>Names the collection. Nothing is sent yet.</summary>
    /// <param name="connection">Where the texts are.</param>
    /// <param name="collection">The collection.</param>
    /// <exception cref="MongoStorageException">The connection string names no database.</exception>
    public MongoDbDocuments(MongoConnection connection, string collection = DefaultCollection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        (_connection, _documents) = (connection, connection.Collection(collection, CallTimeout));
    }

    /// <inheritdoc/>
    public Task<string?> FindAsync(string kind, string name, CancellationToken cancellation) => CallAsync(async token => await FindTextAsync(kind, name, token), cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListAsync(string kind, CancellationToken cancellation) => CallAsync<IReadOnlyList<string>>(
        async token => [.. (await _documents.Find(new BsonDocument(Kind, kind)).ToListAsync(token)).Select(d => d[Name].AsString).Order(StringComparer.Ordinal)],
        cancellation);

    /// <inheritdoc/>
    public Task PutAsync(string kind, string name, string text, CancellationToken cancellation) => CallAsync(
        token => _documents.ReplaceOneAsync(Key(kind, name), DocumentOf(kind, name, text), new ReplaceOptions { IsUpsert = true }, token), cancellation);

    /// <inheritdoc/>
    public Task<string> AddOrFindAsync(string kind, string name, string text, CancellationToken cancellation) => CallAsync(
        async token =>
        {
            try
            {
                await _documents.InsertOneAsync(DocumentOf(kind, name, text), null, token);
                return text;
            }
            catch (MongoWriteException e) when (MongoErrors.IsDuplicateKey(e))
            {
                return await FindTextAsync(kind, name, token) ?? text;
            }
        },
        cancellation);

    /// <inheritdoc/>
    public Task<bool> RemoveAsync(string kind, string name, CancellationToken cancellation) => CallAsync(
        async token => (await _documents.DeleteOneAsync(Key(kind, name), token)).DeletedCount > 0, cancellation);

    private static BsonDocument Key(string kind, string name) => new(Id, $"{kind}/{name}");

    private static BsonDocument DocumentOf(string kind, string name, string text) => new() { { Id, $"{kind}/{name}" }, { Kind, kind }, { Name, name }, { Text, text } };

    private async Task<string?> FindTextAsync(string kind, string name, CancellationToken token) =>
        (await _documents.Find(Key(kind, name)).FirstOrDefaultAsync(token))?[Text].AsString;

    private Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellation) => _connection.CallAsync(call, CallTimeout, cancellation);
}
