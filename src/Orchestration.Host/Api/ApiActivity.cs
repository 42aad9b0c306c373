namespace Orchestration.Host.Api;

/// <summary>When the API was used last. Safe for many threads.</summary>
internal sealed class ApiActivity(TimeProvider time)
{
    private readonly Lock _gate = new();
    private int _requests;
    private long _last = time.GetTimestamp();

    /// <summary>How long nobody has asked anything; zero while a request is served.</summary>
    public TimeSpan Idle
    {
        get
        {
            lock (_gate)
                return _requests > 0 ? TimeSpan.Zero : time.GetElapsedTime(_last);
        }
    }

    /// <summary>A request is served until disposed.</summary>
    public IDisposable Enter()
    {
        lock (_gate)
            _requests++;
        return new Visit(this);
    }

    private void Leave()
    {
        lock (_gate)
        {
            _requests--;
            _last = time.GetTimestamp();
        }
    }

    private sealed class Visit(ApiActivity activity) : IDisposable
    {
        private bool _isDisposed;

        public void Dispose()
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            activity.Leave();
        }
    }
}
