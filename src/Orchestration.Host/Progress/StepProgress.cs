namespace Orchestration.Host.Progress;

/// <summary>Where one step stands.</summary>
internal sealed class StepProgress(string id)
{
    private readonly RateMeter _rate = new();
    private TimeSpan _spent;
    private int _timed;

    public string Id { get; } = id;

    /// <summary>How many actions it has; null before they are known.</summary>
    public int? Count { get; set; }

    /// <summary>At most so many of them run at once; null for no bound of its own.</summary>
    public int? Parallelism { get; set; }

    public int Succeeded { get; private set; }

    public int Failed { get; private set; }

    public int Running { get; set; }

    /// <summary>Actions that wait for a further attempt.</summary>
    public int Retrying { get; set; }

    /// <summary>Actions that wait for objects which are made again.</summary>
    public int Recovering { get; set; }

    /// <summary>Whether the pipeline passed it over.</summary>
    public bool IsSkipped { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public bool IsActive => Count is not null && EndedAt is null;

    /// <summary>Actions that have not come to their end.</summary>
    public int Left => (Count ?? 0) - Succeeded - Failed;

    /// <summary>How long an activation takes on average, by the platform's clock where it told; null before the first has succeeded.</summary>
    public TimeSpan? MeanTime => _timed == 0 ? null : _spent / _timed;

    /// <summary>Actions that came to their end in the latest seconds, each second.</summary>
    public double Rate(DateTimeOffset now) => _rate.PerSecond(StartedAt, now);

    public void Succeed(DateTimeOffset now, TimeSpan took)
    {
        Succeeded++;
        _rate.Add(now);
        _spent += took < TimeSpan.Zero ? TimeSpan.Zero : took;
        _timed++;
    }

    /// <summary>An action that had failed for good runs again.</summary>
    public void Reopen() => Failed--;

    public void Fail(DateTimeOffset now)
    {
        Failed++;
        _rate.Add(now);
    }
}
