using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;
using Orchestration.OpenWhisk.Http;
using Orchestration.OpenWhisk.Invocations;
using Orchestration.OpenWhisk.Probing;

namespace Orchestration.OpenWhisk;

/// <summary>Invokes actions over OpenWhisk's REST API. Safe for many concurrent calls; keeps its connections until disposed.</summary>
public sealed class OpenWhiskInvoker : IActionInvoker, IDisposable
{
    private const int RememberedNames = 10_000;
    private static readonly TimeSpan LongestDefaultLimit = TimeSpan.FromMinutes(5);

    private readonly OpenWhiskOptions _options;
    private readonly WhiskConnection _connection;
    private readonly ReplyClassifier _classifier;
    private readonly string _query;
    private readonly TimeSpan _invokeTimeout;
    private readonly ConcurrentDictionary<string, (ActionTarget Target, Uri Url)> _targets = new();
    private readonly ConcurrentDictionary<string, TimeSpan> _limits = new();

    /// <summary>Prepares a client; connects at the first call.</summary>
    /// <param name="options">Where and as whom.</param>
    /// <exception cref="OpenWhiskException">A setting is not usable.</exception>
    public OpenWhiskInvoker(OpenWhiskOptions options)
    {
        _connection = new WhiskConnection(options);
        _options = options;
        _classifier = new ReplyClassifier(_connection.Place);
        var wait = (long)options.BlockingWait.TotalMilliseconds;
        _query = options.Blocking ? string.Create(CultureInfo.InvariantCulture, $"?blocking=true&timeout={wait}") : "?blocking=false";
        _invokeTimeout = options.RequestTimeout + (options.Blocking ? options.BlockingWait : TimeSpan.Zero);
    }

    /// <inheritdoc />
    public async Task<InvokeReply> InvokeAsync(InvokeRequest request, CancellationToken cancellation)
    {
        if (InvocationBody.Problem(request.Parameters) is { } wrong)
            return ReplyClassifier.Failed(AttemptOutcome.Rejected, "INVALID_PARAMETERS", $"Action '{request.Name}': {wrong}");
        if (!TryTarget(request.Name, out var target, out var url, out var problem))
            return ReplyClassifier.Failed(AttemptOutcome.Rejected, "INVALID_NAME", problem);

        Classified classified;
        try
        {
            var body = new OnceContent(InvocationBody.Head(request), InvocationBody.Tail(request));
            using var reply = await _connection.SendAsync(HttpMethod.Post, url, body, _invokeTimeout, cancellation);
            classified = _classifier.Invoke(request, target, reply);
        }
        catch (NoReplyException e)
        {
            return e.Sent
                ? ReplyClassifier.Failed(AttemptOutcome.Unknown, "NO_ANSWER", $"{target}: {e.Message} This leaves open whether it was started.")
                : ReplyClassifier.Failed(AttemptOutcome.Unavailable, "UNREACHABLE", e.Message) with { Pushback = Pushbacks.Unavailable };
        }
        return await CompleteAsync(classified, request, cancellation);
    }

    /// <inheritdoc />
    public async Task<InvokeReply> GetActivationAsync(InvokeRequest request, string activationId, CancellationToken cancellation)
    {
        if (!TryTarget(request.Name, out var target, out _, out var problem))
            return ReplyClassifier.Failed(AttemptOutcome.Rejected, "INVALID_NAME", problem) with { ActivationId = activationId };

        Classified classified;
        try
        {
            // Activations belong to the caller's namespace, whichever the action is in.
            using var reply = await _connection.GetAsync(_connection.Url($"/_/activations/{Uri.EscapeDataString(activationId)}"), cancellation);
            classified = _classifier.Activation(request, target, activationId, reply);
        }
        catch (NoReplyException)
        {
            return new InvokeReply.Accepted(activationId, Reached: false);
        }
        return await CompleteAsync(classified, request, cancellation);
    }

    /// <inheritdoc />
    public async Task<ActivationPage> ListActivationsAsync(IReadOnlyDictionary<string, InvokeRequest> wanted, DateTimeOffset since, DateTimeOffset? upTo, int skip, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        var query = string.Create(CultureInfo.InvariantCulture, $"?docs=true&limit={ActivationList.LargestPage}&skip={skip}&since={since.ToUnixTimeMilliseconds()}");
        if (upTo is { } latest)
            query += string.Create(CultureInfo.InvariantCulture, $"&upto={latest.ToUnixTimeMilliseconds()}");
        ActivationList? list;
        try
        {
            using var reply = await _connection.GetAsync(_connection.Url("/_/activations" + query), cancellation);
            if (reply.Status is >= 500 or 408 or 429)
                return ActivationPage.Unreached;
            // A page too long or odd to be read says nothing of the single records.
            list = reply is { Status: 200, BodyProblem: null, TooLong: false } ? ActivationList.TryRead(reply.Body, wanted) : null;
        }
        catch (NoReplyException)
        {
            return ActivationPage.Unreached;
        }
        if (list is null)
            return ActivationPage.NotOffered;
        var found = new Dictionary<string, InvokeReply>();
        foreach (var (id, classified) in list.Found)
            found[id] = await CompleteAsync(classified, wanted[id], cancellation);
        return new ActivationPage(PageAnswer.Read, found, list.Count, list.Oldest);
    }

    /// <inheritdoc />
    public async Task<InvokeReply?> FindActivationAsync(InvokeRequest request, DateTimeOffset since, CancellationToken cancellation)
    {
        if (!TryTarget(request.Name, out var target, out _, out _))
            return null;
        try
        {
            var name = target.Path[(target.Path.IndexOf("/actions/", StringComparison.Ordinal) + "/actions/".Length)..];
            var query = string.Create(CultureInfo.InvariantCulture, $"?docs=true&limit={ActivationList.LargestPage}&since={since.ToUnixTimeMilliseconds()}&name={name}");
            using var reply = await _connection.GetAsync(_connection.Url("/_/activations" + query), cancellation);
            var found = reply is { Status: 200, BodyProblem: null, TooLong: false } ? ActivationList.FindOwn(reply.Body, request) : null;
            return found is { } end ? await CompleteAsync(end, request, cancellation) : null;
        }
        catch (NoReplyException)
        {
            return null;
        }
    }

    /// <inheritdoc />
    public async Task<TimeSpan> GetTimeLimitAsync(string actionName, CancellationToken cancellation)
    {
        if (_limits.TryGetValue(actionName, out var known))
            return known;
        if (!TryTarget(actionName, out var target, out _, out _))
            return LongestDefaultLimit;
        try
        {
            using var reply = await _connection.GetAsync(_connection.Url(target.Path + "?code=false"), cancellation);
            // Anything else may change within moments: ask again the next time.
            if (reply.Status is not (200 or 403) || reply.BodyProblem is not null || reply.TooLong)
                return LongestDefaultLimit;
            var limit = (reply.Status == 200 ? LimitIn(reply) : null) ?? LongestDefaultLimit;
            if (_limits.Count >= RememberedNames)
                _limits.Clear();
            _limits[actionName] = limit;
            return limit;
        }
        catch (NoReplyException)
        {
            return LongestDefaultLimit;
        }
    }

    /// <inheritdoc />
    public async Task<NamespaceLimits> GetLimitsAsync(CancellationToken cancellation)
    {
        try
        {
            using var reply = await _connection.GetAsync(_connection.Url(NamespaceLimitsReader.Path), cancellation);
            return NamespaceLimitsReader.Read(reply);
        }
        catch (NoReplyException)
        {
            return NamespaceLimits.None with { Reached = false };
        }
    }

    /// <summary>Closes the connections; calls under way end.</summary>
    public void Dispose() => _connection.Dispose();

    private bool TryTarget(string name, out ActionTarget target, out Uri url, out string problem)
    {
        problem = "";
        if (_targets.TryGetValue(name, out var known))
        {
            (target, url) = known;
            return true;
        }
        if (!ActionTarget.TryParse(name, _options.Namespace, out var parsed, out var wrong))
        {
            (target, url, problem) = (null!, null!, wrong);
            return false;
        }
        (target, url) = (parsed, _connection.Url(parsed.Path + _query));
        if (_targets.Count >= RememberedNames)
            _targets.Clear();
        _targets[name] = (target, url);
        return true;
    }

    private async Task<InvokeReply> CompleteAsync(Classified classified, InvokeRequest request, CancellationToken cancellation)
    {
        if (classified.StoredReport is not { } key || _options.LoadReport is null)
            return classified.Reply;
        ObjectReport report;
        try
        {
            report = await _options.LoadReport(key, cancellation) is { } stored ? ReservedMember.Read(stored, request).Report : ObjectReport.None;
        }
        catch (Exception) when (!cancellation.IsCancellationRequested)
        {
            // The store is somebody else's; a report that cannot be read must not turn a good result into a failure.
            report = ObjectReport.None;
        }
        return classified.Reply switch
        {
            InvokeReply.Succeeded succeeded => succeeded with { Objects = report },
            InvokeReply.Failed failed => failed with { Objects = report },
            _ => classified.Reply,
        };
    }

    private static TimeSpan? LimitIn(WhiskReply reply)
    {
        try
        {
            using var document = JsonDocument.Parse(reply.Body.ToArray());
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("limits", out var limits) && limits.ValueKind == JsonValueKind.Object
                && limits.TryGetProperty("timeout", out var timeout) && timeout.ValueKind == JsonValueKind.Number
                && timeout.TryGetInt32(out var milliseconds) && milliseconds > 0
                ? TimeSpan.FromMilliseconds(milliseconds)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
