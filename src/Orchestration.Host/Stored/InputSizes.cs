using System.Text.Json;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Predictions;

namespace Orchestration.Host.Stored;

/// <summary>Finds how large the input of a run will be: a parameter names it, as <c>bucket/key</c> or as a key in the bucket that past runs had theirs in.</summary>
internal static class InputSizes
{
    /// <summary>Looks for an object that a parameter names.</summary>
    /// <param name="parameters">The parameters that are given.</param>
    /// <param name="history">Past runs.</param>
    /// <param name="store">The object store.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The object with its size; null when no parameter names one that is there.</returns>
    public static async Task<(ObjectKey Object, long Size)?> FindAsync(IReadOnlyDictionary<string, JsonBytes> parameters, RunHistory history, IObjectStore store, CancellationToken cancellation)
    {
        var bucket = history.Runs.Select(r => r.Input).LastOrDefault(i => i is not null)?.Value.Split('/')[0];
        foreach (var text in parameters.Values.Where(v => v.Kind == JsonValueKind.String).Select(v => JsonSerializer.Deserialize<string>(v.Utf8.Span)!))
        {
            foreach (var candidate in bucket is null ? [text] : new[] { $"{bucket}/{text}", text })
            {
                if (ObjectKey.TryParse(candidate, out var key) && await store.StatAsync(key, cancellation) is { } found)
                    return (key, found.Size);
            }
        }

        return null;
    }
}
