using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Orchestration.LocalWhisk.Http;

/// <summary>One request and its reply.</summary>
internal sealed class Call
{
    private const int MaxClientIdLength = 128;

    public Call(HttpContext context)
    {
        Context = context;
        var sent = context.Request.Headers["X-Request-ID"].ToString();
        var isUsable = sent.Length is > 0 and <= MaxClientIdLength && !sent.StartsWith("sid_", StringComparison.Ordinal) && sent.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
        TransactionId = isUsable ? sent : RandomIds.Alphanumeric32();
        context.Response.Headers["X-Request-ID"] = TransactionId;
        EndsWithSlash = context.Request.Path.Value is { Length: > 1 } path && path.EndsWith('/');
        Segments = Split(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, context.Request.Path);
    }

    public HttpContext Context { get; }

    public HttpRequest Request => Context.Request;

    public string Method => Context.Request.Method;

    public string TransactionId { get; }

    /// <summary>Epoch milliseconds.</summary>
    public long Received { get; } = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    /// <summary>The path's parts, each decoded on its own: an encoded slash separates nothing.</summary>
    public List<string> Segments { get; }

    /// <summary>The path ends with a slash.</summary>
    public bool EndsWithSlash { get; }

    public Query Query => new(Context.Request.Query);

    public Task ReplyAsync(int status, Action<Utf8JsonWriter> write) => ReplyAsync(status, JsonBytes.Build(write));

    public async Task ReplyAsync(int status, ReadOnlyMemory<byte> json, string contentType = "application/json")
    {
        var response = Context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = json.Length;
        await response.BodyWriter.WriteAsync(json, Context.RequestAborted);
    }

    public Task ReplyCountAsync(string collection, int count) => ReplyAsync(200, writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber(collection, Math.Max(0, count));
        writer.WriteEndObject();
    });

    public Task ReplyListAsync<T>(IEnumerable<T> items, Action<Utf8JsonWriter, T> write) => ReplyAsync(200, writer =>
    {
        writer.WriteStartArray();
        foreach (var item in items)
            write(writer, item);
        writer.WriteEndArray();
    });

    public Task ReplyErrorAsync(int status, string error) => ReplyAsync(status, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("error"u8, error);
        writer.WriteString("code"u8, TransactionId);
        writer.WriteEndObject();
    });

    private static List<string> Split(string target, PathString fallback)
    {
        // Only the raw target still tells %2F from a slash; a proxy's absolute form is not worth taking apart.
        var path = target.StartsWith('/') ? target : fallback.ToUriComponent();
        var query = path.IndexOf('?', StringComparison.Ordinal);
        if (query >= 0)
            path = path[..query];
        var segments = path.Split('/').Skip(1).Select(Uri.UnescapeDataString).ToList();
        if (segments is [.., ""])
            segments.RemoveAt(segments.Count - 1);
        return segments;
    }
}
