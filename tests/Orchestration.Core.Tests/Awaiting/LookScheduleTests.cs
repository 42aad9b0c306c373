using CsCheck;
using Orchestration.Core.Awaiting;

namespace Orchestration.Core.Tests.Awaiting;

public sealed class LookScheduleTests
{
    private static readonly LookSchedule Schedule = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5), 1.5);
    private static readonly Gen<TimeSpan> Durations = Gen.Double[0.02, 600].Select(TimeSpan.FromSeconds);

    [Fact]
    public void Where_nothing_is_known_intervals_grow_to_the_greatest()
    {
        var intervals = new List<TimeSpan>();
        while (intervals.Count < 12)
            intervals.Add(Schedule.Next(intervals.Aggregate(TimeSpan.Zero, (a, b) => a + b), intervals.Count == 0 ? null : intervals[^1], null));
        Assert.Equal([200, 300, 450, 675], intervals.Take(4).Select(i => i.TotalMilliseconds));
        Assert.Equal(TimeSpan.FromSeconds(5), intervals[^1]);
    }

    [Fact]
    public void Every_interval_is_within_the_bounds() => Gen.Select(Durations, Durations, Durations, Durations, Gen.Bool, Gen.Bool).Sample((elapsed, low, last, more, known, isFirst) =>
    {
        var previous = isFirst ? (TimeSpan?)null : last;
        var interval = Schedule.Next(elapsed, previous, known ? new UsualDuration(low, low + more) : null);
        Assert.InRange(interval, Min(isFirst ? Schedule.Initial : last, TimeSpan.FromMilliseconds(50)), Schedule.Max);
    });

    [Fact]
    public void The_end_of_an_ordinary_activation_is_seen_within_a_twentieth_of_its_duration_or_50_ms() => Gen.Select(Durations, Gen.Double[1, 1.5]).Sample((low, spread) =>
    {
        var usual = new UsualDuration(low, low * spread);
        Assert.All(new[] { low, low * ((1 + spread) / 2), low * spread }, duration =>
        {
            var (seen, looks) = SeenAt(duration, usual);
            Assert.InRange(seen - duration, TimeSpan.Zero, Max(low / 20, TimeSpan.FromMilliseconds(50)) + TimeSpan.FromMilliseconds(1));
            Assert.InRange(looks, 1, 25 + (int)(duration / Schedule.Max));
        });
    });

    [Fact]
    public void A_usual_duration_needs_three_observations_and_leaves_out_the_extremes_of_many()
    {
        Assert.Null(UsualDuration.Of([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)]));
        Assert.Equal(new UsualDuration(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)), UsualDuration.Of([.. Seconds(3, 1, 2)]));
        Assert.Equal(new UsualDuration(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(18)), UsualDuration.Of([.. Seconds(0).Concat(Seconds(Enumerable.Range(1, 18).ToArray())).Concat(Seconds(19, 900))]));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(10, 0)]
    [InlineData(200, 200)]
    [InlineData(10_000, 1000)]
    public void The_more_are_awaited_the_longer_looks_are_gathered(int awaited, double milliseconds) => Assert.Equal(milliseconds, LookSchedule.Gathering(awaited).TotalMilliseconds);

    private static IEnumerable<TimeSpan> Seconds(params int[] seconds) => seconds.Select(s => TimeSpan.FromSeconds(s));

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static (TimeSpan Seen, int Looks) SeenAt(TimeSpan duration, UsualDuration usual)
    {
        var (elapsed, looks, previous) = (TimeSpan.Zero, 0, (TimeSpan?)null);
        while (elapsed < duration || looks == 0)
        {
            previous = Schedule.Next(elapsed, previous, usual);
            elapsed += previous.Value;
            looks++;
        }

        return (elapsed, looks);
    }
}
