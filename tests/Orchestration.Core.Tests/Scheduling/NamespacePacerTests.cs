using CsCheck;
using Orchestration.Core.Ports;
using Orchestration.Core.Scheduling;

namespace Orchestration.Core.Tests.Scheduling;

public class NamespacePacerTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static DateTimeOffset At(double seconds) => Noon + TimeSpan.FromSeconds(seconds);

    private static NamespacePacer<int> Pacer(int maxInFlight = 30, int? perMinute = null, int? concurrent = null) =>
        new NamespacePacer<int>(maxInFlight, 100, TimeSpan.FromSeconds(1)).Tell(new NamespaceLimits(perMinute, concurrent));

    /// <summary>Holders that want, start, end and vanish at random, against what the platform would count.</summary>
    [Fact]
    public void Never_more_in_a_minute_than_the_limit_nor_in_flight_than_the_window() => Gen.Select(
        Gen.Int[1, 12], Gen.Int[1, 30], Gen.Select(Gen.Int[0, 6], Gen.Int[0, 3], Gen.Int[1, 9], Gen.Double[0, 8]).Array[1, 200]).Sample(
        (concurrent, perMinute, steps) =>
        {
            var pacer = Pacer(20, perMinute, concurrent);
            var now = At(15);
            var free = new int[4];
            var running = new int[4];
            var minutes = new Dictionary<long, int>();
            foreach (var (op, holder, count, pause) in steps)
            {
                now += TimeSpan.FromSeconds(pause);
                switch (op)
                {
                    case 0 or 1:
                        pacer = pacer.Want(holder, count).Pacer;
                        break;
                    case 2 or 3:
                        var started = Math.Min(count, free[holder]);
                        pacer = pacer.Start(holder, started, now);
                        free[holder] -= started;
                        running[holder] += started;
                        minutes[now.UtcTicks / TimeSpan.TicksPerMinute] = minutes.GetValueOrDefault(now.UtcTicks / TimeSpan.TicksPerMinute) + started;
                        break;
                    case 4:
                        var ended = Math.Min(count, running[holder]);
                        pacer = pacer.Release(holder, ended, 0);
                        running[holder] -= ended;
                        break;
                    case 5 when running[holder] > 0:
                        pacer = pacer.TurnAway(holder, new Pushback((PushbackKind)(count % 4)), now, now, 0.5);
                        running[holder]--;
                        break;
                    default:
                        var unused = Math.Min(count, free[holder]);
                        pacer = pacer.Release(holder, unused, unused);
                        free[holder] -= unused;
                        break;
                }

                (pacer, var granted) = pacer.Grant(now);
                foreach (var (who, slots) in granted)
                    free[who] += slots;
                Assert.InRange(free.Sum() + running.Sum(), 0, concurrent);
                Assert.Equal(free.Sum() + running.Sum(), pacer.Look(now).InFlight);
                // Whoever waits is woken by an event or at a time that is told.
                if (pacer.Waiting > 0 && free.Sum() + running.Sum() == 0)
                    Assert.True(pacer.NextGrant(now) > now, "nobody would wake those who wait");
            }

            Assert.All(minutes.Values, sent => Assert.InRange(sent, 0, perMinute));
        },
        iter: 2000);

    [Fact]
    public void The_rest_of_a_minute_is_shared_in_turn()
    {
        var (_, granted) = Pacer(perMinute: 10).Start(9, 2, At(5)).Want(1, 1000).Pacer.Want(2, 3).Pacer.Grant(At(10));
        Assert.Equal((5, 3), (granted[1], granted[2]));
    }

    [Fact]
    public void While_a_limit_per_minute_is_known_no_slot_is_used_twice_without_asking()
    {
        Assert.False(Pacer().Want(1, 5).Pacer.Grant(At(0)).Pacer.ContendedFor(1));
        Assert.True(Pacer(perMinute: 60).Want(1, 5).Pacer.Grant(At(0)).Pacer.ContendedFor(1));
    }

    [Fact]
    public void It_says_what_holds_back_and_until_when()
    {
        var pacer = Pacer(concurrent: 4, perMinute: 5);
        Assert.Equal((PacingBound.None, null), Bound(pacer, 5));
        pacer = pacer.Want(1, 9).Pacer.Grant(At(5)).Pacer.Start(1, 4, At(5));
        Assert.Equal((PacingBound.Concurrency, null), Bound(pacer, 6));
        pacer = pacer.Release(1, 4, 0).Grant(At(7)).Pacer.Start(1, 1, At(7));
        Assert.Equal((PacingBound.PerMinute, At(60)), Bound(pacer, 8));
        Assert.Equal("paced: 5/min", pacer.Look(At(8)).ToText());
        for (var i = 0; i < 5; i++)
            pacer = pacer.TurnAway(1, new Pushback(PushbackKind.Unavailable), At(8), At(9), 1);
        Assert.Equal((PacingBound.Unavailable, At(10)), Bound(pacer, 9));
        Assert.Equal((5, 0, 4), (pacer.Look(At(9)).SentThisMinute, pacer.Look(At(9)).InFlight, pacer.Look(At(9)).Window));

        static (PacingBound, DateTimeOffset?) Bound(NamespacePacer<int> pacer, double seconds) => (pacer.Look(At(seconds)).Bound, pacer.Look(At(seconds)).Until);
    }

    [Fact]
    public void A_platform_that_is_away_is_tried_with_one_invocation_and_an_answer_opens_the_way()
    {
        var pacer = Pacer().Want(1, 9).Pacer.Want(2, 9).Pacer;
        for (var i = 0; i < 5; i++)
            pacer = pacer.TurnAway(1, new Pushback(PushbackKind.Unavailable), At(0), At(0), 0.9);
        Assert.Empty(pacer.Grant(At(0.5)).Granted);
        (pacer, var trial) = pacer.Grant(At(1));
        Assert.Equal(1, trial.Values.Sum());
        Assert.Empty(pacer.Grant(At(2)).Granted);
        Assert.Equal(17, pacer.Answer(1, At(1), At(3)).Grant(At(3)).Granted.Values.Sum());
    }

    [Theory]
    [InlineData(PushbackKind.PerMinute, 60, 60, 30)]
    [InlineData(PushbackKind.Concurrency, 20, null, 7)]
    [InlineData(PushbackKind.Concurrency, 5, null, 5)]
    [InlineData(PushbackKind.Unspecified, null, null, 7)]
    public void A_refusal_is_learnt_from_by_its_kind(PushbackKind kind, int? allowed, int? perMinute, int window)
    {
        var pacing = Pacer().Occupy(1, 10).TurnAway(1, new Pushback(kind, allowed), At(1), At(1), 0).Look(At(1));
        Assert.Equal((perMinute, window), (pacing.PerMinute, pacing.Window));
    }

    [Fact]
    public void A_refusal_that_does_not_say_why_is_of_the_minute_when_one_alone_was_in_flight()
    {
        var pacer = Pacer(maxInFlight: 1).Occupy(1, 1).TurnAway(1, new Pushback(PushbackKind.Unspecified), At(1), At(1), 0);
        Assert.Equal(10, pacer.Look(At(1)).PerMinute);
    }
}
