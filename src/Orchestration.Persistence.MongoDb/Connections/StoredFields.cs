namespace Orchestration.Persistence.MongoDb;

/// <summary>Members of the documents that the journal and the snapshot store keep, named as in the public plugin.</summary>
internal static class StoredFields
{
    public const string Id = "_id";
    public const string PersistenceId = "PersistenceId";
    public const string SequenceNr = "SequenceNr";
    public const string Ordering = "Ordering";
    public const string Tags = "Tags";
    public const string Payload = "Payload";
}
