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
        if (TryTexts(body) is not { } texts)
            return null;
        var found = new List<(string, Classified)>();
        DateTimeOffset? oldest = null;
        foreach (var place in texts)
        {
            var text = body[place];
            if (ActivationRecord.TryRead(text, out var record) != RecordReading.Record)
                continue;
            if (record.Timing is { } timing && (oldest is null || timing.Start < oldest))
                oldest = timing.Start;
            if (record.Ended && wanted.TryGetValue(record.Id!, out var request))
                found.Add((record.Id!, ReplyClassifier.Ended(request, text, record)));
        }

        return new ActivationList(found, texts.Count, texts.Count >= LargestPage ? oldest : null);
    }

    /// <summary>Looks for the record of a request whose answer was lost.</summary>
    /// <param name="body">The answer's body.</param>
    /// <param name="request">The request.</param>
    /// <returns>The end of the activation that says itself that it is of this request; null when none does.</returns>
    public static Classified? FindOwn(ReadOnlySpan<byte> body, InvokeRequest request)
    {
        foreach (var place in TryTexts(body) ?? [])
        {
            var text = body[place];
            if (ActivationRecord.TryRead(text, out var record) == RecordReading.Record && record.Ended
                && (IsOf(text[record.Result], request) || IsOf(text[record.Error], request)))
                return ReplyClassifier.Ended(request, text, record);
        }

        return null;
    }

    private static bool IsOf(ReadOnlySpan<byte> value, InvokeRequest request) =>
        value.Length > 0 && ReservedMember.Strip(value).Member is { } member && ReservedMember.IsOf(member.Utf8, request);

    private static List<Range>? TryTexts(ReadOnlySpan<byte> body)
    {
        var texts = new List<Range>();
        try
        {
            // How deep a record may be is judged when it is read; here it is only gone around.
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = int.MaxValue });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
                return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                texts.Add(start..(int)reader.BytesConsumed);
            }
        }
        catch (JsonException)
        {
            return null;
        }

        return texts;
    }
}
