using System.Text;

namespace Orchestration.OpenWhisk;

/// <summary>What OpenWhisk is told to execute (source: the <c>exec</c> member of its actions).</summary>
/// <param name="Kind">The runtime, <c>blackbox</c> for an image.</param>
/// <param name="Code">Source text, or base64; empty when an image brings it.</param>
/// <param name="IsBinary">Whether the code is base64.</param>
/// <param name="Image">The image; null for the kind's own.</param>
public sealed record ActionExecutable(string Kind, string Code, bool IsBinary, string? Image)
{
    // OpenWhisk's limit for the text of an action's code, base64 included (source: its "exec larger than allowed").
    private const int LargestCode = 48 * 1024 * 1024;

    private const string ImageKind = "blackbox";

    // Source: wsk's table of extensions (apache/openwhisk-cli, commands/action.go).
    private static readonly Dictionary<string, (string Kind, bool Binary)> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        [".py"] = ("python:default", false),
        [".js"] = ("nodejs:default", false),
        [".go"] = ("go:default", false),
        [".php"] = ("php:default", false),
        [".rb"] = ("ruby:default", false),
        [".rs"] = ("rust:default", false),
        [".swift"] = ("swift:default", false),
        [".jar"] = ("java:default", true),
    };

    /// <summary>Reads an action's code and tells its kind.</summary>
    /// <exception cref="OpenWhiskException">It cannot be read or used; the message names the action.</exception>
    internal static async Task<ActionExecutable> ReadAsync(ActionDeployment action, CancellationToken cancellation)
    {
        if (action is { Image: not null, Content: null, File: "" })
            return new ActionExecutable(ImageKind, "", false, action.Image);
        var bytes = action.Content ?? await ReadFileAsync(action, cancellation);
        var extension = Path.GetExtension(action.File);
        var isZip = bytes.Span.StartsWith("PK"u8);
        if (extension.Equals(".zip", StringComparison.OrdinalIgnoreCase) && !isZip)
            throw new OpenWhiskException($"Action '{action.Name}': '{action.File}' is not a zip archive. Make one with the entry point at its top (__main__.py, or package.json with main).");

        var known = Kinds.GetValueOrDefault(extension);
        var kind = action.Image is not null ? ImageKind : action.Kind ?? known.Kind ?? throw new OpenWhiskException(
            $"Action '{action.Name}': the kind cannot be told from '{Path.GetFileName(action.File)}'. Give one, such as python:3 (kind: in a workflow file, --kind on the command line); it is known for {string.Join(", ", Kinds.Keys)}.");
        var isBinary = isZip || known.Binary;
        var code = isBinary ? Convert.ToBase64String(bytes.Span) : Text(action, bytes.Span);
        if (code.Length == 0)
            throw new OpenWhiskException($"Action '{action.Name}': its file '{action.File}' is empty.");
        if (code.Length > LargestCode)
            throw new OpenWhiskException($"Action '{action.Name}': '{action.File}' is {code.Length} characters of code, and OpenWhisk takes at most {LargestCode} (a binary file counts 4/3 of its size). Leave out of the archive what the runtime's image has.");
        return new ActionExecutable(kind, code, isBinary, action.Image);
    }

    private static async Task<ReadOnlyMemory<byte>> ReadFileAsync(ActionDeployment action, CancellationToken cancellation)
    {
        try
        {
            return await File.ReadAllBytesAsync(action.File, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new OpenWhiskException($"Action '{action.Name}': its file '{action.File}' cannot be read: {e.Message}", e);
        }
    }

    private static string Text(ActionDeployment action, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new OpenWhiskException($"Action '{action.Name}': '{action.File}' is neither UTF-8 text nor a zip archive.", e);
        }
    }
}
