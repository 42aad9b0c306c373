using System.Net;
using System.Xml;
using System.Xml.Linq;

namespace Orchestration.ObjectStore.S3;

/// <summary>What an S3 server refused.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">The S3 error code.</param>
/// <param name="message">The server's own text; null when it gave none.</param>
internal sealed class S3RefusedException(HttpStatusCode status, string code, string? message) : Exception(message ?? code)
{
    public HttpStatusCode Status { get; } = status;

    public string Code { get; } = code;

    public string? ServerText { get; } = message;
}

/// <summary>
/// Turns each refusal into an exception with its S3 code before the Minio client sees it: that client loses the code of some errors, and writes the
/// text of a refused download into the caller's stream before it looks at the status.
/// </summary>
internal sealed class S3ErrorHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int LongestErrorText = 64 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
        {
            var (code, message) = await ReadErrorAsync(response, cancellationToken);
            throw new S3RefusedException(response.StatusCode, code ?? CodeOf(response.StatusCode, request), message);
        }
    }

    private static async Task<(string? Code, string? Message)> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        // A reply to HEAD has no body; MinIO says the code in a header then.
        if (response.Headers.TryGetValues("x-minio-error-code", out var codes))
            return (codes.First(), null);
        try
        {
            await response.Content.LoadIntoBufferAsync(LongestErrorText, cancellation);
            var text = await response.Content.ReadAsStringAsync(cancellation);
            if (text.Length == 0)
                return (null, null);
            var root = XDocument.Parse(text).Root!;
            var name = root.GetDefaultNamespace();
            return (root.Element(name + "Code")?.Value, root.Element(name + "Message")?.Value);
        }
        catch (Exception e) when (e is XmlException or HttpRequestException or IOException)
        {
            // Not an S3 server's text; the status still tells something.
            return (null, null);
        }
    }

    private static string CodeOf(HttpStatusCode status, HttpRequestMessage request) => status switch
    {
        HttpStatusCode.NotFound when request.Method == HttpMethod.Head => "NoSuchKey",
        HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => "AccessDenied",
        HttpStatusCode.ServiceUnavailable => "ServiceUnavailable",
        HttpStatusCode.MovedPermanently or HttpStatusCode.TemporaryRedirect => "PermanentRedirect",
        _ => $"Http{(int)status}",
    };
}
