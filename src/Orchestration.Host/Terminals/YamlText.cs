using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orchestration.Host.Terminals;

/// <summary>JSON documents as YAML in block style. What is no plain word stands in double quotes with JSON's escapes, which YAML has too.</summary>
internal static partial class YamlText
{
    private static readonly JsonSerializerOptions Quoting = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a document.</summary>
    /// <param name="utf8">JSON.</param>
    /// <returns>YAML that ends with a line break.</returns>
    public static string Of(ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 256 });
        var text = new StringBuilder();
        if (IsInline(document.RootElement))
            text.Append(Inline(document.RootElement)).Append('\n');
        else
            Write(text, document.RootElement, 0, isFirstOnLine: true);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonElement value, int indent, bool isFirstOnLine)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject())
            {
                Begin();
                text.Append(Scalar(member.Name)).Append(':');
                Value(member.Value, member.Value.ValueKind == JsonValueKind.Array ? indent : indent + 2, onNewLine: true);
            }
            return;
        }
        foreach (var item in value.EnumerateArray())
        {
            Begin();
            text.Append('-');
            Value(item, indent + 2, onNewLine: false);
        }

        // What follows a dash stands on its line.
        void Begin()
        {
            if (!isFirstOnLine || indent == 0)
                text.Append(' ', indent);
            isFirstOnLine = false;
        }

        void Value(JsonElement inner, int depth, bool onNewLine)
        {
            if (IsInline(inner))
            {
                text.Append(' ').Append(Inline(inner)).Append('\n');
                return;
            }
            text.Append(onNewLine ? '\n' : ' ');
            Write(text, inner, depth, isFirstOnLine: !onNewLine);
        }
    }

    private static bool IsInline(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        _ => true,
    };

    private static string Inline(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "{}",
        JsonValueKind.Array => "[]",
        JsonValueKind.String => Scalar(value.GetString()!),
        _ => value.GetRawText(),
    };

    private static string Scalar(string text) => Plain().IsMatch(text) && !Ambiguous().IsMatch(text) ? text : JsonSerializer.Serialize(text, Quoting);

    // Words that mean nothing else in any version of YAML.
    [GeneratedRegex(@"^[A-Za-z_/][A-Za-z0-9_./\[\]-]*\z")]
    private static partial Regex Plain();

    [GeneratedRegex(@"^(true|false|null|yes|no|on|off|y|n)\z", RegexOptions.IgnoreCase)]
    private static partial Regex Ambiguous();
}
