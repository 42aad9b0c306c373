using CsCheck;
using Orchestration.Core.Scheduling;

namespace Orchestration.Core.Tests.Scheduling;

public class RateBudgetTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly RateBudget Fresh = new();

    private static DateTimeOffset At(double seconds) => Start + TimeSpan.FromSeconds(seconds);

    [Fact]
    public void A_minute_of_the_platforms_clock_never_sees_more_than_the_limit() => Gen.Select(
        Gen.Int[1, 20], Gen.Double[-1, 1], Gen.Select(Gen.Double[0, 25], Gen.Int[0, 12], Gen.Int[0, 12]).Array[1, 150]).Sample(
        (limit, skew, steps) =>
        {
            var budget = Fresh.Tell(limit);
            var now = At(30);
            var unstarted = 0;
            var minutes = new Dictionary<long, int>();
            foreach (var (pause, wanted, started) in steps)
            {
                now += TimeSpan.FromSeconds(pause);
                unstarted += Math.Min(wanted, budget.Room(now, unstarted));
                var sent = Math.Min(started, unstarted);
                budget = budget.Start(sent, now);
                unstarted -= sent;
                var minute = (now + TimeSpan.FromSeconds(skew)).UtcTicks / TimeSpan.TicksPerMinute;
                minutes[minute] = minutes.GetValueOrDefault(minute) + sent;
                Assert.Equal(0, budget.Room(now, limit));
            }

            Assert.All(minutes.Values, count => Assert.InRange(count, 0, limit));
        },
        iter: 3000);

    [Fact]
    public void Room_comes_back_when_it_says_so() => Gen.Select(Gen.Int[1, 9], Gen.Double[0, 200], Gen.Double[0, 100]).Sample(
        (limit, first, wait) =>
        {
            var now = At(first);
            var budget = Fresh.Tell(limit);
            while (budget.Room(now, 0) is > 0 and var room)
                budget = budget.Start(room, now);
            now += TimeSpan.FromSeconds(wait);
            for (var asked = 0; budget.Room(now, 0) == 0; asked++)
            {
                Assert.InRange(asked, 0, 2);
                var next = budget.RoomAt(now);
                Assert.True(next > now, $"{next} is not behind {now}");
                Assert.True(budget.Room(next - TimeSpan.FromTicks(1), 0) == 0, "there was room before");
                now = next;
            }
        });

    [Fact]
    public void Without_a_limit_nothing_is_held_back()
    {
        Assert.Equal(int.MaxValue, Fresh.Start(1_000_000, At(0)).Room(At(1), 5));
        Assert.Equal(int.MaxValue, Fresh.Tell(null).Room(At(1), 0));
        Assert.Equal(int.MaxValue, Fresh.Tell(int.MaxValue).Room(At(1), 0));
    }

    [Fact]
    public void A_minute_begins_with_the_clock_and_not_sixty_seconds_later()
    {
        var budget = Fresh.Tell(60).Start(60, At(40));
        Assert.Equal(0, budget.Room(At(59), 0));
        Assert.Equal(At(61), budget.RoomAt(At(60.5)));
        Assert.Equal(60, budget.Room(At(61), 0));
        Assert.Equal(60, budget.SentIn(At(59)));
        Assert.Equal(0, budget.SentIn(At(61)));
    }

    [Fact]
    public void What_is_allowed_and_not_sent_yet_counts_in_the_minute_in_which_it_is_sent()
    {
        var budget = Fresh.Tell(10).Start(4, At(30));
        Assert.Equal(3, budget.Room(At(31), 3));
        budget = budget.Start(3, At(70));
        Assert.Equal(7, budget.Room(At(71), 0));
    }

    [Theory]
    [InlineData(0.0, 61)]
    [InlineData(0.5, 62)]
    public void A_refusal_closes_the_minute_and_the_next_begins_with_jitter(double random, double opens)
    {
        var budget = Fresh.Start(90, At(10)).Refuse(60, At(10), At(11), random);
        Assert.Equal(60, budget.Allowance);
        Assert.Equal((0, At(opens)), (budget.Room(At(12), 0), budget.RoomAt(At(12))));
        Assert.Equal(0, budget.Room(At(opens - 0.1), 0));
        Assert.Equal(60, budget.Room(At(opens), 0));
    }

    [Fact]
    public void A_limit_that_the_refusal_does_not_name_is_what_was_taken()
    {
        var budget = Fresh.Start(90, At(10));
        for (var i = 0; i < 30; i++)
            budget = budget.Refuse(null, At(10), At(11), 0);
        Assert.Equal(60, budget.Allowance);
        Assert.Null(budget.Told);
    }

    [Fact]
    public void A_guessed_limit_is_not_made_of_a_minute_that_others_used_up()
    {
        var budget = Fresh.Start(5, At(10));
        for (var i = 0; i < 5; i++)
            budget = budget.Refuse(null, At(10), At(11), 0);
        Assert.Equal(10, budget.Allowance);
    }

    [Fact]
    public void A_guessed_limit_rises_after_ten_whole_minutes_that_were_used_up()
    {
        var budget = Fresh.Start(70, At(10));
        for (var i = 0; i < 10; i++)
            budget = budget.Refuse(null, At(10), At(11), 0);
        for (var minute = 1; minute <= 10; minute++)
        {
            Assert.Equal(60, budget.Room(At(minute * 60 + 5), 0));
            budget = budget.Start(60, At(minute * 60 + 5));
        }

        Assert.Equal(66, budget.Room(At(11 * 60 + 5), 0));
    }

    [Fact]
    public void When_others_use_the_namespace_too_the_share_shrinks_and_comes_back()
    {
        var budget = Fresh.Tell(60).Start(60, At(10)).Start(60, At(70));
        for (var i = 0; i < 20; i++)
            budget = budget.Refuse(60, At(70), At(71), 0);
        Assert.Equal((40, 60), (budget.Allowance, budget.Told));
        budget = budget.Start(40, At(130));
        Assert.Equal(46, budget.Room(At(185), 0));
        // A minute that was not used up says nothing.
        budget = budget.Start(10, At(185));
        Assert.Equal(46, budget.Room(At(245), 0));
    }

    [Fact]
    public void The_first_minute_does_not_tell_a_share_others_may_have_used_it_before()
    {
        var budget = Fresh.Tell(60).Start(30, At(50));
        for (var i = 0; i < 30; i++)
            budget = budget.Refuse(60, At(50), At(51), 0);
        Assert.Equal(60, budget.Room(At(70), 0));
    }

    [Fact]
    public void A_refusal_of_a_minute_that_has_passed_closes_nothing()
    {
        var budget = Fresh.Tell(60).Start(60, At(59.5)).Refuse(60, At(59.5), At(62), 0);
        Assert.Equal(0, budget.Room(At(62), 0));
        budget = Fresh.Tell(60).Start(60, At(50)).Refuse(60, At(50), At(62), 0);
        Assert.Equal(60, budget.Room(At(62), 0));
    }
}
