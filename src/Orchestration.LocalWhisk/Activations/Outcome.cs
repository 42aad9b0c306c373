using System.Text;
using System.Text.Json;

namespace Orchestration.LocalWhisk.Activations;

/// <summary>The numbers are those of the list summaries' <c>statusCode</c>.</summary>
internal enum OutcomeStatus
{
    Success = 0,
    ApplicationError = 1,
    DeveloperError = 2,
    WhiskError = 3,
}

/// <summary>How an activation ended.</summary>
/// <param name="Status">Whose success or failure it was.</param>
/// <param name="Result">Compact JSON: an object or array on success, otherwise an object with nothing but <c>error</c>.</param>
/// <param name="Size">Characters of the runtime's raw answer, bytes where it was cut; null where no runtime answered.</param>
internal sealed record Outcome(OutcomeStatus Status, byte[] Result, int? Size = null)
{
    private const string NoDictionary = "The action did not return a dictionary or array.";

    /// <summary>The action exceeded its time limit.</summary>
    public bool TimedOut { get; init; }

    public string StatusText => TextOf(Status);

    public static string TextOf(OutcomeStatus status) => status switch
    {
        OutcomeStatus.Success => "success",
        OutcomeStatus.ApplicationError => "application error",
        OutcomeStatus.DeveloperError => "action developer error",
        _ => "whisk internal error",
    };

    public static Outcome ApplicationError(string text) => new(OutcomeStatus.ApplicationError, JsonBytes.Error(text));

    public static Outcome DeveloperError(string text) => new(OutcomeStatus.DeveloperError, JsonBytes.Error(text));

    public static Outcome WhiskError(string text) => new(OutcomeStatus.WhiskError, JsonBytes.Error(text));

    public static Outcome TimeLimit(int milliseconds, bool duringInitialization) =>
        DeveloperError($"The action exceeded its time limits of {milliseconds} milliseconds{(duringInitialization ? " during initialization" : "")}.") with { TimedOut = true };

    /// <summary>The answer was longer than allowed; <paramref name="beginning"/> is what was kept of it.</summary>
    public static Outcome TooLong(long length, int allowed, ReadOnlySpan<byte> beginning, bool duringInitialization)
    {
        var text = $"The action produced a response that exceeded the allowed length: {length} > {allowed} bytes. The truncated response was: {Encoding.UTF8.GetString(beginning)}";
        return (duringInitialization ? DeveloperError(text) : ApplicationError(text)) with { Size = (int)Math.Min(length, int.MaxValue) };
    }

    /// <summary>What a runtime answered with status 200 to a run.</summary>
    public static Outcome OfResult(ReadOnlySpan<byte> raw)
    {
        var size = Encoding.UTF8.GetCharCount(raw);
        switch (JsonBytes.KindOf(raw))
        {
            case JsonTokenType.StartArray:
                return new Outcome(OutcomeStatus.Success, JsonBytes.Compact(raw), size);
            case JsonTokenType.StartObject when JsonBytes.TryGetMember(raw, "error"u8, out var error):
                return new Outcome(OutcomeStatus.ApplicationError, OnlyError(error), size);
            case JsonTokenType.StartObject:
                return new Outcome(OutcomeStatus.Success, JsonBytes.Compact(raw), size);
            case JsonTokenType.Null:
                // The runtime's own check lets null through; the platform's does not.
                return DeveloperError("The action did not produce a valid JSON or JSON Array response: null") with { Size = size };
            default:
                return DeveloperError(NoDictionary) with { Size = size };
        }
    }

    /// <summary>What a runtime answered with another status than 200: an object with <c>error</c>.</summary>
    public static Outcome OfFailure(ReadOnlySpan<byte> raw)
    {
        var size = Encoding.UTF8.GetCharCount(raw);
        return JsonBytes.KindOf(raw) == JsonTokenType.StartObject && JsonBytes.TryGetMember(raw, "error"u8, out var error)
            ? new Outcome(OutcomeStatus.DeveloperError, OnlyError(error), size)
            : DeveloperError($"The action did not produce a valid JSON or JSON Array response: {Encoding.UTF8.GetString(raw)}") with { Size = size };
    }

    private static byte[] OnlyError(ReadOnlySpan<byte> error) =>
        [.. "{\"error\":"u8, .. JsonBytes.Compact(error), (byte)'}'];
}
