using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;

namespace HttpFunctions;

/// <summary>
/// Another platform than OpenWhisk: functions that are called by plain HTTP, <c>POST {functions}/NAME</c> with the parameters as JSON, and answer with their result. There are no activation ids, so an
/// invocation that a crash cuts short is made again, with the same <c>Idempotency-Key</c> only within one attempt.
/// </summary>
internal sealed class HttpFunctionInvoker(Uri functions, TimeSpan timeLimit) : IActionInvoker, IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = functions, Timeout = timeLimit };

    public async Task<InvokeReply> InvokeAsync(InvokeRequest request, CancellationToken cancellation)
    {
        using var post = new HttpRequestMessage(HttpMethod.Post, request.Name) { Content = new ReadOnlyMemoryContent(request.Parameters.Utf8) };
        post.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        post.Headers.Add("Idempotency-Key", string.Create(CultureInfo.InvariantCulture, $"{request.ActionId}/{request.Attempt}"));
        try
        {
            using var response = await _http.SendAsync(post, cancellation);
            return Read(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellation));
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
        {
            // Nothing was sent: it is waited for, and uses up no retry.
            return Failed(AttemptOutcome.Unavailable, "UNREACHABLE", e.Message) with { Pushback = new Pushback(PushbackKind.Unavailable) };
        }
        catch (HttpRequestException e)
        {
            return Failed(AttemptOutcome.Unknown, "BROKEN", e.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Failed(AttemptOutcome.Timeout, "TIMEOUT", string.Create(CultureInfo.InvariantCulture, $"The function gave no answer within {timeLimit.TotalSeconds:0} s."));
        }
    }

    // Nothing goes on after its answer, so there is nothing to ask for later.
    public Task<InvokeReply> GetActivationAsync(InvokeRequest request, string activationId, CancellationToken cancellation) =>
        throw new NotSupportedException("Functions over HTTP have no activation ids.");

    public Task<TimeSpan> GetTimeLimitAsync(string actionName, CancellationToken cancellation) => Task.FromResult(timeLimit);

    public void Dispose() => _http.Dispose();

    private static InvokeReply Read(HttpStatusCode status, byte[] body)
    {
        switch (status)
        {
            case HttpStatusCode.TooManyRequests:
                return Failed(AttemptOutcome.Throttled, "429", "The platform has too much to do.") with { Pushback = new Pushback(PushbackKind.Unspecified) };
            case HttpStatusCode.ServiceUnavailable:
                return Failed(AttemptOutcome.Unavailable, "503", "The platform is not available.") with { Pushback = new Pushback(PushbackKind.Unavailable) };
            case >= HttpStatusCode.InternalServerError:
                return Failed(AttemptOutcome.DeveloperError, ((int)status).ToString(CultureInfo.InvariantCulture), "The function failed.");
            case >= HttpStatusCode.BadRequest:
                return Failed(AttemptOutcome.Rejected, ((int)status).ToString(CultureInfo.InvariantCulture), "The platform refuses it.");
        }
        try
        {
            using var document = JsonDocument.Parse(body);
            // An action's own contract: a member "error" tells of a failure.
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("error", out var error)
                ? new InvokeReply.Failed(null, null, AttemptOutcome.ApplicationError, Failure.FromActionError(JsonBytes.From(error)), ObjectReport.None)
                : new InvokeReply.Succeeded(null, null, JsonBytes.From(document.RootElement), ObjectReport.None);
        }
        catch (JsonException)
        {
            return Failed(AttemptOutcome.DeveloperError, "NOT_JSON", "The function's answer is not JSON.");
        }
    }

    private static InvokeReply.Failed Failed(AttemptOutcome outcome, string code, string message) => new(null, null, outcome, new Failure(code, message), ObjectReport.None);
}
