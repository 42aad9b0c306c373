using CsCheck;
using Orchestration.Core.Scheduling;

namespace Orchestration.Core.Tests.Scheduling;

public class ConcurrencyWindowTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static DateTimeOffset At(double seconds) => Start + TimeSpan.FromSeconds(seconds);

    [Fact]
    public void The_window_stays_between_one_and_what_is_set_and_told() => Gen.Select(
        Gen.Int[1, 50], Gen.Int[1, 80], Gen.Select(Gen.Int[0, 3], Gen.Int[1, 60], Gen.Double[0, 700]).Array[0, 60]).Sample(
        (most, told, steps) =>
        {
            var window = ConcurrencyWindow.Of(most);
            var isTold = false;
            var now = At(0);
            foreach (var (op, count, pause) in steps)
            {
                now += TimeSpan.FromSeconds(pause);
                var before = window.Size;
                isTold |= op == 0;
                window = op switch
                {
                    0 => window.Tell(told),
                    1 => window.Refuse(null, count, now, now),
                    2 => window.Refuse(null, count, now - TimeSpan.FromSeconds(1), now),
                    _ => window.Answer(count, now),
                };
                Assert.InRange(window.Size, 1, isTold ? Math.Min(most, told) : most);
                if (op is 1 or 2)
                    Assert.True(window.Size <= before, "a refusal made it larger");
                if (op == 3)
                    Assert.InRange(window.Size, before, before + 1);
            }
        });

    [Fact]
    public void A_burst_that_is_refused_in_part_teaches_the_limit_at_once()
    {
        var window = ConcurrencyWindow.Of(100);
        for (var i = 1; i <= 70; i++)
            window = i % 2 == 0 ? window.Refuse(null, 100 - i, At(0), At(1)) : window.Refuse(null, 100 - i, At(0), At(1)).Discount(100 - i, At(0));
        Assert.Equal(30, window.Ceiling);
        Assert.InRange(window.Size, 1, 30);
    }

    [Fact]
    public void A_limit_that_the_refusal_names_is_the_window()
    {
        var window = ConcurrencyWindow.Of(100).Refuse(30, 99, At(0), At(1)).Refuse(30, 98, At(0), At(1)).Discount(5, At(0));
        Assert.Equal((30, 30), (window.Ceiling, window.Size));
    }

    [Fact]
    public void A_refusal_below_the_limit_cuts_a_quarter_and_success_brings_it_back_one_by_one()
    {
        var window = ConcurrencyWindow.Of(40).Tell(20).Refuse(20, 19, At(0), At(1));
        Assert.Equal((20, 15), (window.Ceiling, window.Size));
        Assert.Equal(15, window.Answer(14, At(10)).Size);
        Assert.Equal(15, window.Answer(100, At(5)).Size);
        window = window.Answer(15, At(10));
        Assert.Equal(16, window.Size);
        for (var i = 0; i < 100; i++)
            window = window.Answer(20, At(20 + i * 6));
        Assert.Equal(20, window.Size);
    }

    [Fact]
    public void A_learnt_limit_is_tried_again_after_ten_minutes_without_a_refusal()
    {
        var window = ConcurrencyWindow.Of(40).Refuse(null, 4, At(0), At(1)).Discount(2, At(1));
        for (var i = 0; i < 99; i++)
            window = window.Answer(10, At(2 + i * 6));
        Assert.Equal(4, window.Size);
        Assert.Equal(5, window.Answer(10, At(1300)).Size);
    }
}
