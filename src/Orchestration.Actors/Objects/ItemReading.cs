using Orchestration.Core.Actions;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Ports;

namespace Orchestration.Actors.Objects;

/// <summary>Reads the items of a step from the object store.</summary>
internal static class ItemReading
{
    /// <summary>Reads them.</summary>
    /// <exception cref="ItemsException">They are not there, or cannot be used.</exception>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    public static Task<ExpandedItems> ReadAsync(IObjectStore store, ItemsRequest request, CancellationToken cancellation) =>
        request.Kind == ItemKind.Lines ? ReadLinesAsync(store, request, cancellation) : ListAsync(store, request, cancellation);

    private static async Task<ExpandedItems> ReadLinesAsync(IObjectStore store, ItemsRequest request, CancellationToken cancellation)
    {
        var key = ObjectKey.Of(request.Bucket, request.Key);
        await using var lines = new LineItems(key.Value, request.LinesAreJson);
        var info = await store.GetAsync(key, lines, cancellation)
            ?? throw new ItemsException($"there is no object '{key}' in {store.Location}; write it before the run, or check the name.");
        lines.Complete();
        return new ExpandedItems(lines.Items, new ItemSource(ItemKind.Lines, key.Value, info.Size, info.ETag), null);
    }

    private static async Task<ExpandedItems> ListAsync(IObjectStore store, ItemsRequest request, CancellationToken cancellation)
    {
        var items = new List<JsonBytes>();
        var size = 0L;
        await foreach (var info in store.ListAsync(request.Bucket, request.Key, cancellation))
        {
            if (items.Count == LineItems.MaxItems)
                throw new ItemsException($"there are more than {LineItems.MaxItems} objects under '{request.Bucket}/{request.Key}'; run the workflow for one part after the other.");
            size += info.Size;
            items.Add(JsonBytes.Write(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("object", info.Key.Value);
                writer.WriteString("bucket", info.Key.Bucket);
                writer.WriteString("key", info.Key.Key);
                writer.WriteNumber("size", info.Size);
                writer.WriteEndObject();
            }));
        }

        return new ExpandedItems(items, new ItemSource(ItemKind.Objects, $"{request.Bucket}/{request.Key}", size, null), null);
    }
}
