using System.Net.Security;
using System.Text;

namespace Orchestration.OpenWhisk.Http;

/// <summary>
/// Sends requests with the credentials. Without retries, redirects or cookies: what OpenWhisk starts cannot be called back, so one call is one request
/// on the wire (of a GET, which has no body, the handler may send another on a fresh connection when a pooled one was closed).
/// </summary>
internal sealed class WhiskConnection : IDisposable
{
    private readonly OpenWhiskOptions _options;
    private readonly HttpMessageInvoker _http;
    private readonly string _authorization;
    private readonly string _root;

    public WhiskConnection(OpenWhiskOptions options)
    {
        options.Validate();
        _options = options;
        _authorization = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(options.Auth.Trim()));
        _root = $"{options.Place}/api/{options.ApiVersion}/namespaces";
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            // A proxy configured for the outside world knows nothing of this machine's loopback.
            UseProxy = !options.ApiHost.IsLoopback,
            ConnectTimeout = options.ConnectTimeout,
            MaxConnectionsPerServer = options.MaxConnections,
            // Below the idle timeouts of OpenWhisk's controller (70 s) and of nginx (75 s), so that a POST rarely meets a connection that is being closed.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, errors) =>
            errors == SslPolicyErrors.None || options.Insecure ? true : throw new CertificateRefusedException(errors);
        _http = new HttpMessageInvoker(handler);
    }

    public string Place => _options.Place;

    /// <summary>Makes a URL below <c>/api/v1/namespaces</c>.</summary>
    public Uri Url(string path) => new(_root + path);

    public Task<WhiskReply> GetAsync(Uri url, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Get, url, null, _options.RequestTimeout, cancellation);

    public async Task<WhiskReply> SendAsync(HttpMethod method, Uri url, OnceContent? content, TimeSpan timeout, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, url) { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", _authorization);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", "orchestration");
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(timeout);

        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, limited.Token);
        }
        catch (HttpRequestException e)
        {
            throw new NoReplyException(content is { Begun: true }, ConnectionProblems.Describe(Place, e), e);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            var begun = content is { Begun: true };
            // The connect timeout ends in this exception as well.
            var waited = limited.IsCancellationRequested ? timeout : _options.ConnectTimeout;
            throw new NoReplyException(begun, begun || content is null && limited.IsCancellationRequested ? ConnectionProblems.NoAnswer(Place, waited) : ConnectionProblems.NoConnection(Place, waited), e);
        }

        using (response)
            return await ReadAsync(response, limited, cancellation);
    }

    public void Dispose() => _http.Dispose();

    private async Task<WhiskReply> ReadAsync(HttpResponseMessage response, CancellationTokenSource limited, CancellationToken cancellation)
    {
        var id = response.Headers.NonValidated.TryGetValues("x-openwhisk-activation-id", out var ids) ? ids.ToString() : null;
        var reply = new WhiskReply((int)response.StatusCode, string.IsNullOrWhiteSpace(id) ? null : id, response.Headers.Location?.OriginalString);
        try
        {
            await reply.ReadBodyAsync(response.Content, _options.MaxReplyBytes, limited.Token);
            return reply;
        }
        catch (Exception e) when (e is HttpRequestException or IOException || e is OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            reply.BodyBroke($"The answer of {Place} broke off ({e.GetBaseException().Message}).");
            return reply;
        }
        catch
        {
            reply.Dispose();
            throw;
        }
    }
}
