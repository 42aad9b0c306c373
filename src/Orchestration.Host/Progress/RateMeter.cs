namespace Orchestration.Host.Progress;

/// <summary>Counts what happens in the latest seconds, in a fixed amount of memory.</summary>
internal sealed class RateMeter
{
    private const int Seconds = 10;

    private readonly int[] _counts = new int[Seconds + 1];
    private readonly long[] _second = new long[Seconds + 1];

    public void Add(DateTimeOffset now)
    {
        var second = now.ToUnixTimeSeconds();
        var place = second % _counts.Length;
        if (_second[place] != second)
            (_second[place], _counts[place]) = (second, 0);
        _counts[place]++;
    }

    /// <summary>The rate over the latest ten seconds, or since the start when that is later.</summary>
    public double PerSecond(DateTimeOffset start, DateTimeOffset now)
    {
        var latest = now.ToUnixTimeSeconds();
        // The oldest bucket counts with the part of it that lies in the window.
        var within = 1 - (now - DateTimeOffset.FromUnixTimeSeconds(latest)).TotalSeconds;
        var sum = 0.0;
        for (var i = 0; i < _counts.Length; i++)
        {
            var age = latest - _second[i];
            if (age is >= 0 and <= Seconds)
                sum += age == Seconds ? _counts[i] * within : _counts[i];
        }
        return sum / Math.Clamp((now - start).TotalSeconds, 1, Seconds);
    }
}
