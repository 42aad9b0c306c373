using System.Globalization;
using System.Text.Json.Serialization;

namespace Orchestration.Benchmarks.EndToEnd;

/// <summary>One number of one round.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">The number.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Target">What it should not exceed, or where it is a rate or a share, reach; null for a number without a target.</param>
/// <param name="IsLeast">Whether the target is to be reached and not kept below.</param>
internal sealed record Measured(string Name, double Value, string Unit, double? Target = null, bool IsLeast = false)
{
    /// <summary>Whether it is as it should be; null without a target.</summary>
    public bool? IsMet => Target is not { } target ? null : IsLeast ? Value >= target : Value <= target;

    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Number(Value)} {Unit}");

    public string TargetText => Target is { } target ? string.Create(CultureInfo.InvariantCulture, $"{(IsLeast ? "≥" : "≤")} {Number(target)} {Unit}") : "";

    public static string Number(double value) => Math.Abs(value) >= 100 ? value.ToString("N0", CultureInfo.InvariantCulture) : value.ToString(Math.Abs(value) >= 10 ? "0.#" : "0.###", CultureInfo.InvariantCulture);
}

[JsonSerializable(typeof(List<Measured>))]
internal sealed partial class MeasuredJson : JsonSerializerContext;
