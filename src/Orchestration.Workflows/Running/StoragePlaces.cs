using System.Diagnostics.CodeAnalysis;
using Newtonsoft.Json.Linq;
using Orchestration.Core.Actions;
using Orchestration.Core.Objects;
using Orchestration.Core.Pipelines;
using Orchestration.Workflows.Expressions;

namespace Orchestration.Workflows.Running;

/// <summary>Names of objects and prefixes, as expressions give them.</summary>
internal static class StoragePlaces
{
    private static readonly string[] JsonLines = [".jsonl", ".ndjson"];

    /// <summary>Evaluates the name of an object.</summary>
    /// <exception cref="ExpressionException">It is none.</exception>
    public static ObjectKey Object(Template template, string where, Scope scope)
    {
        var value = template.ToToken(scope);
        return ObjectKey.TryParse(value.Type == JTokenType.String ? (string?)value : null, out var name)
            ? name
            : throw new ExpressionException($"{where} gave {Describe(value)}; it takes bucket/key, such as input-video/clip.mp4.");
    }

    /// <summary>What to ask the object store for.</summary>
    /// <exception cref="ExpressionException">The place is none.</exception>
    public static ItemsRequest Request(string step, StoredItems items, Scope scope)
    {
        if (items.Kind == ItemKind.Lines)
        {
            var key = Object(items.Place, "foreach.lines", scope);
            var isJson = items.LinesAreJson ?? JsonLines.Any(e => key.Value.EndsWith(e, StringComparison.OrdinalIgnoreCase));
            return new ItemsRequest(step, items.Kind, key.Bucket, key.Key, isJson);
        }

        var value = items.Place.ToToken(scope);
        return TryParsePrefix(value.Type == JTokenType.String ? (string?)value : null, out var bucket, out var prefix)
            ? new ItemsRequest(step, items.Kind, bucket, prefix, false)
            : throw new ExpressionException($"foreach.objects gave {Describe(value)}; it takes bucket/prefix, such as photos/2026/, or a bucket for all that is in it.");
    }

    /// <summary>Reads <c>bucket/prefix</c>, <c>bucket/</c> or <c>bucket</c>.</summary>
    public static bool TryParsePrefix(string? text, [NotNullWhen(true)] out string? bucket, [NotNullWhen(true)] out string? prefix)
    {
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        (bucket, prefix) = slash < 0 ? (text, "") : (text![..slash], text[(slash + 1)..]);
        return !string.IsNullOrEmpty(bucket);
    }

    private static string Describe(JToken value) => value.Type == JTokenType.String ? $"the text '{(string?)value}'" : JsonTokens.Describe(value);
}
