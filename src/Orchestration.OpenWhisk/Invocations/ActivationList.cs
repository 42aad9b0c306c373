using System.Text.Json;
using Orchestration.Core.Ports;

namespace Orchestration.OpenWhisk.Invocations;

/// <summary>A page of the list of activations, with full records (<c>docs=true</c>).</summary>
/// <param name="Found">The ends of the activations that were looked for.</param>
/// <param name="Count">How many activations it has, others included.</param>
/// <param name="Oldest">The earliest start on a full page; null on one that is not full.</param>
internal sealed record ActivationList(IReadOnlyList<(string Id, Classified End)> Found, int Count, DateTimeOffset? Oldest)
{
    /// <summary>The most that OpenWhisk lists at once.</summary>
    public const int LargestPage = 200;

    /// <summary>Reads a page.</summary>
    /// <param name="body">The answer's body.</param>
    /// <param name="wanted">What is looked for: requests by the ids of their activations.</param>
    /// <returns>The page; null when it is none.</returns>
    public static ActivationList? TryRead(ReadOnlySpan<byte> body, IReadOnlyDictionary<string, InvokeRequest> wanted)
    {
        var found = new List<(string, Classified)>();
        var (count, oldest) = (0, (DateTimeOffset?)null);
        try
        {
            // Deeper than this no reader of results goes; the record's own levels and the list's come on top.
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = int.MaxValue });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
                return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                count++;
                var text = body[start..(int)reader.BytesConsumed];
                if (ActivationRecord.TryRead(text, out var record) != RecordReading.Record)
                    continue;
                if (record.Timing is { } timing && (oldest is null || timing.Start < oldest))
                    oldest = timing.Start;
                if (record.Ended && wanted.TryGetValue(record.Id!, out var request))
                    found.Add((record.Id!, ReplyClassifier.Ended(request, text, record)));
            }
        }
        catch (JsonException)
        {
            return null;
        }

        return new ActivationList(found, count, count >= LargestPage ? oldest : null);
    }
}
