using Microsoft.AspNetCore.Http;

namespace Orchestration.LocalWhisk.Http;

/// <summary>Reads request bodies by OpenWhisk's rules for size and content type.</summary>
internal static class Body
{
    private const int ChunkBytes = 16 * 1024;

    /// <summary>Refuses a body that says itself that it is too long.</summary>
    public static void RequireSize(HttpRequest request, int limit)
    {
        if (request.ContentLength > limit)
            throw ApiException.TooLarge("Request", request.ContentLength.Value, limit);
    }

    /// <summary>The body, empty where there is none.</summary>
    public static async Task<byte[]> ReadAsync(HttpRequest request, int limit, CancellationToken cancellation)
    {
        var content = request.ContentLength is { } length ? new byte[length] : new byte[ChunkBytes];
        var filled = 0;
        while (true)
        {
            if (filled == content.Length)
            {
                if (request.ContentLength is not null)
                    break;
                Array.Resize(ref content, content.Length * 2);
            }
            var read = await request.Body.ReadAsync(content.AsMemory(filled), cancellation);
            if (read == 0)
                break;
            filled += read;
            if (filled > limit)
                throw ApiException.TooLarge("Request", filled, limit);
        }
        RequireJson(request, filled);
        return filled == content.Length ? content : content[..filled];
    }

    private static void RequireJson(HttpRequest request, int length)
    {
        var type = request.ContentType;
        if (type is null && length == 0)
            return;
        var end = type?.IndexOf(';', StringComparison.Ordinal) ?? -1;
        var media = end < 0 ? type : type![..end];
        if (media is null || !media.Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase))
            throw ApiException.NotJson();
    }
}
