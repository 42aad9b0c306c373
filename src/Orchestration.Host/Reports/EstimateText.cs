using System.Text.Json;
using Orchestration.Core.Predictions;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Reports;

/// <summary>Predicted numbers for people and as JSON.</summary>
internal static class EstimateText
{
    /// <summary>Such as <c>1.24 s</c>.</summary>
    public static string Duration(double seconds) => Humanize.Duration(TimeSpan.FromSeconds(Math.Max(0, seconds)));

    /// <summary>Such as <c>1.24 s (1.10 s to 1.38 s)</c>; without the interval where none is known.</summary>
    public static string Duration(Estimate estimate) => With(estimate, Duration);

    /// <summary>Such as <c>3.45 MB (3.40 MB to 3.50 MB)</c>.</summary>
    public static string Bytes(Estimate estimate) => With(estimate, bytes => Humanize.Bytes((long)Math.Round(bytes)));

    public static void Write(Utf8JsonWriter writer, string name, Estimate estimate)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("value", estimate.Value);
        Write(writer, "low", estimate.Low);
        Write(writer, "high", estimate.High);
        writer.WriteNumber("observations", estimate.Observations);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, double? number)
    {
        if (number is { } value)
            writer.WriteNumber(name, value);
        else
            writer.WriteNull(name);
    }

    private static string With(Estimate estimate, Func<double, string> text)
    {
        if (estimate is not { Low: { } low, High: { } high })
            return text(estimate.Value);
        var (from, to) = (text(low), text(high));
        return from == to ? text(estimate.Value) : $"{text(estimate.Value)} ({from} to {to})";
    }
}
