using System.Text;
using System.Text.Json;
using Orchestration.Core.Json;
using Orchestration.OpenWhisk.Http;

namespace Orchestration.OpenWhisk;

/// <summary>Puts actions on OpenWhisk from files, as <c>wsk action update</c> does.</summary>
/// <param name="options">Where and as whom.</param>
/// <exception cref="OpenWhiskException">A setting is not usable.</exception>
public sealed class ActionDeployer(OpenWhiskOptions options) : IDisposable
{
    // OpenWhisk's limit for the text of an action's code, base64 included (source: its "exec larger than allowed").
    private const int LargestCode = 48 * 1024 * 1024;

    private static readonly TimeSpan UploadTimeout = TimeSpan.FromMinutes(5);

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

    private readonly WhiskConnection _connection = new(options);

    /// <summary>Creates the action, or replaces its code and the limits that are given. A package that is not there is made.</summary>
    /// <param name="action">The action.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>A task that ends when OpenWhisk has taken the action.</returns>
    /// <exception cref="OpenWhiskException">The file cannot be used, or OpenWhisk cannot be reached or refuses; the message names the action.</exception>
    public async Task DeployAsync(ActionDeployment action, CancellationToken cancellation = default)
    {
        if (!ActionTarget.TryParse(action.Name, options.Namespace, out var target, out var problem))
            throw new OpenWhiskException(problem);
        var (kind, code) = await ReadAsync(action, cancellation);
        var body = Body(action, kind, code);
        if (await TryPutAsync(target, action, body, cancellation))
            return;
        await MakePackageAsync(target, cancellation);
        if (!await TryPutAsync(target, action, body, cancellation))
            throw new OpenWhiskException($"{target}: there is no package '{target.Package}' at {_connection.Place}, and it did not come to be when it was made. Make it with 'wsk package create {target.Package}'.");
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _connection.Dispose();

    /// <summary>Sends the action.</summary>
    /// <returns>False when its package is not there.</returns>
    private async Task<bool> TryPutAsync(ActionTarget target, ActionDeployment action, JsonBytes body, CancellationToken cancellation)
    {
        var content = new OnceContent(body.Utf8, default);
        using var reply = await Answers.OrThrow(_connection.SendAsync(HttpMethod.Put, _connection.Url(target.Path + "?overwrite=true"), content, UploadTimeout, cancellation));
        if (reply.Status == 200)
            return true;
        if (reply.Status == 404 && target.Package is not null && reply.ErrorText() is not null)
            return false;
        throw reply.Status switch
        {
            409 => new OpenWhiskException($"{target}: its name belongs to something else at {_connection.Place} (409: {reply.ErrorText()}). Choose another name, or remove that one."),
            413 => new OpenWhiskException($"{target}: '{action.File}' is too large for {_connection.Place} (413: {reply.ErrorText() ?? "refused by a proxy"}). Make the archive smaller, or raise the limit of the server or its proxy."),
            _ => Answers.Refused(_connection.Place, reply, $"take {target} from '{action.File}'"),
        };
    }

    private async Task MakePackageAsync(ActionTarget target, CancellationToken cancellation)
    {
        var content = new OnceContent("{}"u8.ToArray(), default);
        var path = $"/{Uri.EscapeDataString(target.Namespace)}/packages/{Uri.EscapeDataString(target.Package!)}";
        using var reply = await Answers.OrThrow(_connection.SendAsync(HttpMethod.Put, _connection.Url(path), content, UploadTimeout, cancellation));
        // 409: somebody else made it in between.
        if (reply.Status is not (200 or 409))
            throw Answers.Refused(_connection.Place, reply, $"make the package '{target.Package}' of {target} ('wsk package create {target.Package}' makes one)");
    }

    private static async Task<(string Kind, string Code)> ReadAsync(ActionDeployment action, CancellationToken cancellation)
    {
        byte[] bytes;
        try
        {
            bytes = await File.ReadAllBytesAsync(action.File, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new OpenWhiskException($"Action '{action.Name}': its file '{action.File}' cannot be read: {e.Message}", e);
        }
        var extension = Path.GetExtension(action.File);
        var isZip = bytes.AsSpan().StartsWith("PK"u8);
        if (extension.Equals(".zip", StringComparison.OrdinalIgnoreCase) && !isZip)
            throw new OpenWhiskException($"Action '{action.Name}': '{action.File}' is not a zip archive. Make one with the entry point at its top (__main__.py, or package.json with main).");

        var known = Kinds.GetValueOrDefault(extension);
        var kind = action.Kind ?? known.Kind ?? throw new OpenWhiskException(
            $"Action '{action.Name}': the kind cannot be told from '{Path.GetFileName(action.File)}'. Give one, such as kind: python:3; it is known for {string.Join(", ", Kinds.Keys)}.");
        var code = isZip || known.Binary ? Convert.ToBase64String(bytes) : Text(action, bytes);
        if (code.Length == 0)
            throw new OpenWhiskException($"Action '{action.Name}': its file '{action.File}' is empty.");
        if (code.Length > LargestCode)
            throw new OpenWhiskException($"Action '{action.Name}': '{action.File}' is {code.Length} characters of code, and OpenWhisk takes at most {LargestCode} (a binary file counts 4/3 of its size). Leave out of the archive what the runtime's image has.");
        return (kind, code);
    }

    private static string Text(ActionDeployment action, byte[] bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsSpan(3) : bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new OpenWhiskException($"Action '{action.Name}': '{action.File}' is neither UTF-8 text nor a zip archive.", e);
        }
    }

    private static JsonBytes Body(ActionDeployment action, string kind, string code) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartObject("exec");
        writer.WriteString("kind", kind);
        writer.WriteString("code", code);
        if (action.Main is not null)
            writer.WriteString("main", action.Main);
        writer.WriteEndObject();
        writer.WriteStartObject("limits");
        Number(writer, "timeout", (long?)action.Timeout?.TotalMilliseconds);
        Number(writer, "memory", action.MemoryMegabytes);
        Number(writer, "logs", action.LogMegabytes);
        Number(writer, "concurrency", action.Concurrency);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    private static void Number(Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } number)
            writer.WriteNumber(name, number);
    }
}
