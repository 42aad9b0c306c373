using Microsoft.AspNetCore.Http;
using Orchestration.Core.Json;

namespace Orchestration.Host.Api.Access;

/// <summary>A line of JSON for every request that changes something or was refused for who asked, on disk before the answer begins. It holds no body, no key and no query.</summary>
/// <param name="path">The file; it is opened for each line, so that it may be moved away meanwhile.</param>
/// <param name="time">Tells when.</param>
internal sealed class AuditLog(string path, TimeProvider time)
{
    private readonly Lock _gate = new();

    /// <summary>The file of a data directory.</summary>
    public static string DefaultPath(string dataDirectory) => Path.Combine(dataDirectory, "audit.jsonl");

    /// <summary>Has the line written when the answer begins.</summary>
    /// <param name="context">The request.</param>
    /// <param name="address">Where it comes from.</param>
    public void Watch(HttpContext context, string address) => context.Response.OnStarting(() =>
    {
        var status = context.Response.StatusCode;
        if (Belongs(ApiCaller.Of(context) is not null, context.Request.Method, status))
            Write(context, address, status);
        return Task.CompletedTask;
    });

    // Nobody may fill the disk: without a key that fits, and above its rate with one, nothing is written. Wrong keys are few, for they are throttled by address.
    private static bool Belongs(bool isKnown, string method, int status) => status switch
    {
        StatusCodes.Status429TooManyRequests => false,
        StatusCodes.Status401Unauthorized => true,
        StatusCodes.Status403Forbidden => isKnown,
        _ => isKnown && !HttpMethods.IsGet(method),
    };

    private void Write(HttpContext context, string address, int status)
    {
        var line = JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("time", time.GetUtcNow().UtcDateTime);
            writer.WriteString("caller", ApiCaller.Of(context)?.Name);
            writer.WriteString("address", address);
            writer.WriteString("method", context.Request.Method);
            writer.WriteString("path", context.Request.Path.Value);
            writer.WriteNumber("status", status);
            if (context.Response.Headers.Location is [{ } location])
                writer.WriteString("made", location);
            writer.WriteEndObject();
        });
        lock (_gate)
        {
            using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            file.Write([.. line.Utf8.Span, (byte)'\n']);
        }
    }
}
