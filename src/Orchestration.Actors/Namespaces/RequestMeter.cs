using System.Diagnostics.Metrics;
using Orchestration.Core.Facts;
using Orchestration.Core.Scheduling;

namespace Orchestration.Actors.Namespaces;

/// <summary>Counts the requests to OpenWhisk, for its caller and as <c>orchestration.openwhisk.requests</c> on the meter <c>Orchestration</c>. Safe for many threads.</summary>
internal sealed class RequestMeter : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private long _invocations;
    private long _looks;
    private long _pages;

    public RequestMeter(Platform platform)
    {
        _meter = new Meter(new MeterOptions("Orchestration") { Tags = [new("openwhisk", platform.ApiHost), new("namespace", platform.Namespace)] });
        _requests = _meter.CreateCounter<long>("orchestration.openwhisk.requests", "{request}", "Requests that were sent to OpenWhisk, by what they are for.");
    }

    public RequestCounts Counts => new(Interlocked.Read(ref _invocations), Interlocked.Read(ref _looks), Interlocked.Read(ref _pages));

    public void Invoked() => Count(ref _invocations, "invocation");

    public void Looked() => Count(ref _looks, "look");

    public void Listed() => Count(ref _pages, "list_page");

    public void Dispose() => _meter.Dispose();

    private void Count(ref long count, string kind)
    {
        Interlocked.Increment(ref count);
        _requests.Add(1, new KeyValuePair<string, object?>("for", kind));
    }
}
