using System.Collections.Concurrent;
using Orchestration.LocalWhisk.Actions;

namespace Orchestration.LocalWhisk.Running;

/// <summary>The runtimes that somebody else started, by their URLs. A runtime is loaded once, with one action, and runs one call at a time.</summary>
internal sealed class RemoteRuntimes : IDisposable
{
    // Limits are the calls' own. A connection is not used twice, as the platform's own client does not.
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly ConcurrentDictionary<Uri, Endpoint> _endpoints = new();

    public RemoteRuntime For(WhiskAction action) => new(action, _endpoints.GetOrAdd(action.Exec.Url!, url => new Endpoint(url)), _client);

    public void Dispose()
    {
        _client.Dispose();
        foreach (var endpoint in _endpoints.Values)
            endpoint.Turn.Dispose();
    }

    /// <summary>One runtime, and what it has loaded.</summary>
    internal sealed class Endpoint(Uri url)
    {
        public Uri Url { get; } = url;

        /// <summary>Held by the call that it runs.</summary>
        public SemaphoreSlim Turn { get; } = new(1);

        public WhiskAction? Loaded { get; set; }
    }
}
