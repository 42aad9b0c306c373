using System.Diagnostics.Metrics;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Facts;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;
using Orchestration.Core.Scheduling;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>Orchestrations on a platform with limits.</summary>
public sealed class Pacing : OrchestrationScenario
{
    // Scenarios of other classes run at the same time, and meters are the process's.
    private readonly string _namespace = $"guest-{Guid.NewGuid():N}";

    private LimitedWhisk? _whisk;

    private LimitedWhisk Whisk
    {
        get => _whisk!;
        set
        {
            _whisk = value;
            Limited.Target = value;
        }
    }

    private ForwardingInvoker Limited { get; } = new();

    protected override Platform Where => Here with { Namespace = _namespace };

    protected override void Options(OrchestrationOptions options)
    {
        options.MaxInFlight = 100;
        options.UseInvoker(_ => Limited, Where);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Three_hundred_actions_take_the_minutes_that_the_limit_dictates_and_are_not_refused_once_it_is_known(bool told, bool named)
    {
        Whisk = new LimitedWhisk(Clock, 60, 30, TimeSpan.FromSeconds(2)) { TellsLimits = told, NamesLimits = named };
        Clock.Advance(ToSecond(5));
        var orchestration = await StartAsync();
        var results = Client.MakeActionsAsync(orchestration.Id, Batch("b", Every(TimeSpan.FromSeconds(1), retries: 0), [.. Echoes(300)]), Soon);
        await PassUntilAsync(TimeSpan.FromMilliseconds(500), () => results.IsCompleted);

        Assert.All(await results, r => Assert.True(r.Success));
        TestContext.Current.TestOutputHelper!.WriteLine($"accepted and rejected by minute: {string.Join(' ', Whisk.Minutes.Select(m => $"{m.Accepted}+{m.Rejected}"))}");
        Assert.Equal(300, Whisk.Minutes.Sum(m => m.Accepted));
        Assert.All(Whisk.Minutes.Skip(told ? 0 : 1), m => Assert.Equal(0, m.Rejected));
        Assert.InRange(Whisk.MostInFlight, 1, 30);
        // What was refused counts in the first minute as well, and leaves less of it.
        Assert.InRange(Whisk.Minutes.Count, 5, told ? 5 : 6);
    }

    [Fact]
    public async Task A_small_pipeline_is_not_starved_by_a_fan_out_that_uses_up_the_minutes()
    {
        Whisk = new LimitedWhisk(Clock, 60, 30, TimeSpan.FromSeconds(1));
        Clock.Advance(ToSecond(5));
        var huge = await StartAsync();
        var all = huge.MakeActionsAsync(Echoes(400), cancellation: Soon);
        await PassUntilAsync(TimeSpan.FromMilliseconds(500), () => Whisk.Minutes.Sum(m => m.Accepted) >= 60);
        var small = await StartAsync();
        var few = small.MakeActionsAsync(Echoes(5), cancellation: Soon);
        await PassUntilAsync(TimeSpan.FromMilliseconds(500), () => few.IsCompleted);

        Assert.Equal(2, Whisk.Minutes.Count);
        Assert.False(all.IsCompleted);
        await PassUntilAsync(TimeSpan.FromMilliseconds(500), () => all.IsCompleted);
    }

    [Fact]
    public async Task What_holds_back_can_be_asked_and_measured()
    {
        Whisk = new LimitedWhisk(Clock, 20, 30, TimeSpan.FromSeconds(1));
        Clock.Advance(ToSecond(5));
        var measured = new Dictionary<string, int>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => { if (instrument.Meter.Name == "Orchestration") l.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) =>
        {
            if (instrument.Meter.Tags!.Contains(new("namespace", Where.Namespace)))
                measured[instrument.Name] = Math.Max(value, measured.GetValueOrDefault(instrument.Name));
        });
        listener.Start();
        Assert.Equal(PacingBound.None, (await Client.GetPacingAsync(Soon)).Bound);
        var orchestration = await StartAsync();
        var results = orchestration.MakeActionsAsync(Echoes(30), cancellation: Soon);
        await PassUntilAsync(TimeSpan.FromMilliseconds(500), () => Whisk.Minutes.Sum(m => m.Accepted) >= 20);
        await UntilAsync(() => Client.GetPacingAsync(Soon).Result is { Bound: PacingBound.PerMinute, SentThisMinute: 20 });

        var pacing = await Client.GetPacingAsync(Soon);
        Assert.Equal("paced: 20/min", pacing.ToText());
        Assert.Equal((20, 30, 1), (pacing.PerMinute, pacing.Window, pacing.Waiting));
        Assert.InRange(pacing.Until!.Value - Clock.Now, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        listener.RecordObservableInstruments();
        Assert.Equal((20, 30, 1), (measured["orchestration.pacing.per_minute"], measured["orchestration.pacing.window"], measured["orchestration.pacing.waiting"]));
        await PassUntilAsync(TimeSpan.FromMilliseconds(500), () => results.IsCompleted);
    }

    [Fact]
    public async Task A_platform_that_is_away_for_half_a_minute_fails_no_action_and_is_not_hammered()
    {
        Whisk = new LimitedWhisk(Clock, int.MaxValue, 1000, TimeSpan.FromSeconds(1));
        var away = false;
        var tried = 0;
        Limited.OnInvoke = request =>
        {
            if (!away)
                return null;
            Interlocked.Increment(ref tried);
            var failure = new Failure("UNREACHABLE", "connection refused");
            return Task.FromResult<InvokeReply>(new InvokeReply.Failed(null, null, AttemptOutcome.Unavailable, failure, Core.Objects.ObjectReport.None) { Pushback = new Pushback(PushbackKind.Unavailable) });
        };
        var orchestration = await StartAsync();
        var results = Client.MakeActionsAsync(orchestration.Id, Batch("b", Every(TimeSpan.FromSeconds(1), retries: 0), [.. Echoes(1000)]), Soon);
        await PassUntilAsync(TimeSpan.FromMilliseconds(500), () => Whisk.Minutes.Sum(m => m.Accepted) >= 300);
        away = true;
        var since = Clock.Now;
        await PassUntilAsync(TimeSpan.FromMilliseconds(500), () => Clock.Now - since >= TimeSpan.FromSeconds(30));
        var pacing = await Client.GetPacingAsync(Soon);
        away = false;
        await PassUntilAsync(TimeSpan.FromMilliseconds(500), () => results.IsCompleted);

        Assert.All(await results, r => Assert.True(r.Success));
        Assert.Equal(PacingBound.Unavailable, pacing.Bound);
        // Those that were in flight, and one trial after each pause.
        TestContext.Current.TestOutputHelper!.WriteLine($"{tried} tries in the 30 s in which it was away");
        Assert.InRange(tried, 5, 120);
        Assert.InRange(Clock.Now - since, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(90));
        Assert.All((await FactsAsync(orchestration.Id)).OfType<AttemptFailed>(), f => Assert.False(f.UsedRetry));
    }

    /// <summary>How long it is until the clock's minute is so many seconds old.</summary>
    private TimeSpan ToSecond(int second) =>
        TimeSpan.FromTicks((TimeSpan.FromSeconds(60 + second).Ticks - Clock.Now.UtcTicks % TimeSpan.TicksPerMinute) % TimeSpan.TicksPerMinute);
}
