using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestration.Core.Json;
using Orchestration.Workflows.Reading;

namespace Orchestration.Workflows.Yaml;

/// <summary>What a plain scalar means: the core schema of YAML 1.2.2 (section 10.3), so that <c>yes</c>, <c>no</c> and dates are text.</summary>
internal static partial class CoreSchema
{
    /// <summary>What kind of JSON value a scalar is.</summary>
    public static JsonValueKind KindOf(YamlScalar scalar)
    {
        if (scalar.Form != ScalarForm.Plain)
            return JsonValueKind.String;
        return scalar.Text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => JsonValueKind.Null,
            "true" or "True" or "TRUE" => JsonValueKind.True,
            "false" or "False" or "FALSE" => JsonValueKind.False,
            _ => IsNumber(scalar.Text) ? JsonValueKind.Number : JsonValueKind.String,
        };
    }

    /// <summary>Writes any node as JSON.</summary>
    public static JsonBytes ToJson(YamlTree node, ProblemList problems) => JsonBytes.Write(writer => Write(node, writer, problems));

    /// <summary>Writes any node as JSON; what JSON cannot hold becomes a problem and null.</summary>
    public static void Write(YamlTree node, Utf8JsonWriter writer, ProblemList problems)
    {
        switch (node)
        {
            case YamlMap map:
                writer.WriteStartObject();
                foreach (var (key, value) in map.Entries)
                {
                    writer.WritePropertyName(key.Text);
                    Write(value, writer, problems);
                }

                writer.WriteEndObject();
                break;
            case YamlList list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                    Write(item, writer, problems);
                writer.WriteEndArray();
                break;
            case YamlScalar scalar:
                WriteScalar(scalar, writer, problems);
                break;
        }
    }

    private static void WriteScalar(YamlScalar scalar, Utf8JsonWriter writer, ProblemList problems)
    {
        switch (KindOf(scalar))
        {
            case JsonValueKind.Null:
                writer.WriteNullValue();
                break;
            case JsonValueKind.True:
                writer.WriteBooleanValue(true);
                break;
            case JsonValueKind.False:
                writer.WriteBooleanValue(false);
                break;
            case JsonValueKind.Number when NumberText(scalar.Text) is { } number:
                writer.WriteRawValue(number, skipInputValidation: true);
                break;
            case JsonValueKind.Number:
                problems.Add(scalar.Place, $"{scalar.Text} is no number that JSON can hold; put it in quotes if it is meant as text.");
                writer.WriteNullValue();
                break;
            default:
                writer.WriteStringValue(scalar.Text);
                break;
        }
    }

    private static bool IsNumber(string text) => Float().IsMatch(text) || Based().IsMatch(text) || Special().IsMatch(text);

    /// <summary>A number in JSON's own form; null for infinities, .nan and what a double cannot reach.</summary>
    private static string? NumberText(string text)
    {
        if (text.StartsWith("0x", StringComparison.Ordinal))
            return BigInteger.Parse("0" + text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
        if (text.StartsWith("0o", StringComparison.Ordinal))
            return text[2..].Aggregate(BigInteger.Zero, (sum, digit) => (sum * 8) + (digit - '0')).ToString(CultureInfo.InvariantCulture);
        return Float().Match(text) is { Success: true } match
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? JsonForm(match)
            : null;
    }

    /// <summary>Keeps the digits as written: only what JSON forbids is changed (a plus sign, leading zeros, a bare point).</summary>
    private static string JsonForm(Match match)
    {
        var sign = match.Groups["sign"].Value == "-" ? "-" : "";
        var whole = match.Groups["whole"].Value.TrimStart('0');
        var fraction = match.Groups["fraction"].Value;
        return $"{sign}{(whole.Length == 0 ? "0" : whole)}{(fraction.Length == 0 ? "" : "." + fraction)}{match.Groups["exponent"].Value}";
    }

    [GeneratedRegex(@"^(?<sign>[-+]?)(?=\.?[0-9])(?<whole>[0-9]*)(\.(?<fraction>[0-9]*))?(?<exponent>[eE][-+]?[0-9]+)?\z")]
    private static partial Regex Float();

    [GeneratedRegex(@"^(0x[0-9a-fA-F]{1,100}|0o[0-7]{1,100})\z")]
    private static partial Regex Based();

    [GeneratedRegex(@"^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z")]
    private static partial Regex Special();
}
