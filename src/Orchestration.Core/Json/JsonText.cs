using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestration.Core.Json;

/// <summary>How this project writes JSON.</summary>
public static class JsonText
{
    /// <summary>Compact and with non-ASCII text left readable: nothing here ends up inside HTML unescaped.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };
}
