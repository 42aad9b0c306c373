using System.Text.Json;
using System.Text.Unicode;
using Orchestration.Core.Facts;

namespace Orchestration.OpenWhisk.Invocations;

/// <summary>Whether a text is an activation record.</summary>
internal enum RecordReading
{
    /// <summary>It is one.</summary>
    Record,

    /// <summary>It is something else.</summary>
    Other,

    /// <summary>It is nested deeper than <see cref="ActivationRecord.DeepestResult"/> levels below <c>result</c>.</summary>
    TooDeep,
}

/// <summary>The members of an activation record that matter here; the result and error are places in the text it was read from.</summary>
internal readonly record struct ActivationRecord(string? Id, ActivationTiming? Timing, bool Ended, string? Status, bool Success, Range Result, Range Error, bool TimedOut)
{
    /// <summary>How deep a result may be nested: what System.Text.Json reads by default, and so what every reader behind this one takes.</summary>
    public const int DeepestResult = 64;

    private const int LevelsAbove = 2;

    public static RecordReading TryRead(ReadOnlySpan<byte> text, out ActivationRecord record)
    {
        record = default;
        if (!Utf8.IsValid(text))
            return RecordReading.Other;
        try
        {
            return Read(text, DeepestResult + LevelsAbove, out record) ? RecordReading.Record : RecordReading.Other;
        }
        catch (JsonException)
        {
            return IsRecordOfAnyDepth(text) ? RecordReading.TooDeep : RecordReading.Other;
        }
    }

    private static bool IsRecordOfAnyDepth(ReadOnlySpan<byte> text)
    {
        try
        {
            return Read(text, int.MaxValue, out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool Read(ReadOnlySpan<byte> text, int depth, out ActivationRecord record)
    {
        record = default;
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = depth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        string? id = null;
        long? start = null, end = null;
        var response = default(ActivationRecord);
        var timedOut = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("activationId"u8))
                id = Text(ref reader);
            else if (reader.ValueTextEquals("start"u8))
                start = Number(ref reader);
            else if (reader.ValueTextEquals("end"u8))
                end = Number(ref reader);
            else if (reader.ValueTextEquals("response"u8))
                response = ReadResponse(ref reader);
            else if (reader.ValueTextEquals("annotations"u8))
                timedOut = TimeoutAnnotation(ref reader);
            else
                reader.Skip();
        }
        // Reading on shows text behind the object.
        if (reader.TokenType != JsonTokenType.EndObject || reader.Read() || string.IsNullOrEmpty(id))
            return false;
        record = response with { Id = id, Timing = TimingOf(start, end), TimedOut = timedOut };
        return true;
    }

    private static ActivationTiming? TimingOf(long? start, long? end) =>
        Moment(start) is { } from && Moment(end) is { } to ? new ActivationTiming(from, to) : null;

    private static DateTimeOffset? Moment(long? milliseconds) =>
        milliseconds is > 0 and < 253_402_300_800_000 ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds.Value) : null;

    private static ActivationRecord ReadResponse(ref Utf8JsonReader reader)
    {
        var response = default(ActivationRecord);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return response;
        }
        response = response with { Ended = true };
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("status"u8))
                response = response with { Status = Text(ref reader) };
            else if (reader.ValueTextEquals("success"u8))
                response = response with { Success = reader.Read() && reader.TokenType == JsonTokenType.True };
            else if (reader.ValueTextEquals("result"u8))
                response = ReadResult(ref reader, response);
            else
                reader.Skip();
        }
        return response;
    }

    private static ActivationRecord ReadResult(ref Utf8JsonReader reader, ActivationRecord response)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        var error = default(Range);
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return response with { Result = start..(int)reader.BytesConsumed };
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isError = reader.ValueTextEquals("error"u8);
            var value = Value(ref reader);
            error = isError ? value : error;
        }
        return response with { Result = start..(int)reader.BytesConsumed, Error = error };
    }

    /// <summary>Passes over the value behind a property's name.</summary>
    internal static Range Value(ref Utf8JsonReader reader)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return start..(int)reader.BytesConsumed;
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return reader.GetString();
        reader.Skip();
        return null;
    }

    private static long? Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number))
            return number;
        reader.Skip();
        return null;
    }

    private static bool TimeoutAnnotation(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return false;
        }
        var found = false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }
            bool isTimeout = false, isTrue = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("key"u8))
                {
                    reader.Read();
                    isTimeout = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("timeout"u8);
                }
                else
                {
                    var isValue = reader.ValueTextEquals("value"u8);
                    reader.Read();
                    isTrue |= isValue && reader.TokenType == JsonTokenType.True;
                }
                reader.Skip();
            }
            found |= isTimeout && isTrue;
        }
        return found;
    }
}
