namespace Orchestration.Core.Actions;

/// <summary>How the object store gives the items of a batch.</summary>
public enum ItemKind
{
    /// <summary>One item for each object under a prefix.</summary>
    Objects,

    /// <summary>One item for each line of an object.</summary>
    Lines,
}

/// <summary>What the items of a batch were made from, once, before it was stored.</summary>
/// <param name="Kind">How.</param>
/// <param name="Place"><c>bucket/prefix</c> for objects, <c>bucket/key</c> for lines.</param>
/// <param name="Size">Bytes: of the object that was read, or of all objects listed.</param>
/// <param name="ETag">The version of the object that was read; null for a list of objects, and when the store tells none.</param>
public sealed record ItemSource(ItemKind Kind, string Place, long Size, string? ETag)
{
    /// <summary>The kind's name as it stands in facts, reports and workflow files.</summary>
    public string KindName => Kind == ItemKind.Objects ? "objects" : "lines";
}
