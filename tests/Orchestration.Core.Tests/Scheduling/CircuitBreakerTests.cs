using CsCheck;
using Orchestration.Core.Scheduling;

namespace Orchestration.Core.Tests.Scheduling;

public class CircuitBreakerTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static DateTimeOffset At(double seconds) => Start + TimeSpan.FromSeconds(seconds);

    private static CircuitBreaker Failed(int times, CircuitBreaker? breaker = null) =>
        Enumerable.Range(0, times).Aggregate(breaker ?? CircuitBreaker.Closed, (b, _) => b.Fail(At(0), At(1), 1));

    [Fact]
    public void Five_failures_in_a_row_open_it_and_an_answer_between_them_does_not_count()
    {
        Assert.Equal(int.MaxValue, Failed(4).Room(At(1)));
        Assert.Equal(int.MaxValue, Failed(4, Failed(4).Answer(At(0))).Room(At(1)));
        Assert.Equal((0, At(2)), (Failed(5).Room(At(1)), Failed(5).OpenUntil));
    }

    [Fact]
    public void When_the_pause_is_over_one_tries()
    {
        var breaker = Failed(5);
        Assert.Equal(1, breaker.Room(At(2)));
        breaker = breaker.Try(At(2));
        Assert.Equal(0, breaker.Room(At(3)));
        Assert.Equal(CircuitBreaker.Closed, breaker.Answer(At(2)));
        // Stragglers of the time before say nothing new.
        Assert.Equal(breaker, breaker.Answer(At(1)));
        Assert.Equal(breaker, breaker.Fail(At(1), At(3), 1));
        Assert.Equal(At(5), breaker.Fail(At(2), At(3), 1).OpenUntil);
        // The end of a trial that is never told does not hold it up for ever.
        Assert.Equal(1, breaker.Room(At(63)));
    }

    [Fact]
    public void A_platform_that_is_away_is_tried_less_and_less_often_up_to_every_half_minute() => Gen.Double[0, 0.999].Array[1, 30].Sample(randoms =>
    {
        var breaker = Failed(5);
        var now = At(1);
        foreach (var (i, random) in randoms.Index())
        {
            now = breaker.OpenUntil!.Value;
            breaker = breaker.Try(now).Fail(now, now, random);
            var whole = TimeSpan.FromSeconds(Math.Min(30, Math.Pow(2, i + 1)));
            Assert.InRange(breaker.OpenUntil!.Value - now, whole / 2, whole);
        }
    });
}
