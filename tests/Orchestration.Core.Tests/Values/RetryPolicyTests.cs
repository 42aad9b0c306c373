using CsCheck;
using Orchestration.Core.Retries;
using Orchestration.Core.State;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Values;

public class RetryPolicyTests
{
    private static readonly Gen<RetryPolicy> Policies =
        from backoff in Gen.Int[0, 2]
        from initial in Gen.Double[0, 100]
        from zero in Gen.Bool
        from factor in Gen.OneOf(Gen.Double[1, 10], Gen.Const(double.MaxValue))
        from more in Gen.Double[0, 1000]
        from jitter in Gen.Bool
        select new RetryPolicy
        {
            Backoff = (BackoffKind)backoff,
            Initial = TimeSpan.FromSeconds(zero ? 0 : initial),
            Factor = factor,
            Max = TimeSpan.FromSeconds(initial + more),
            Jitter = jitter,
        };

    [Fact]
    public void Delays_stay_within_their_bounds() => Gen.Select(Policies, Gen.Int[1, RetryPolicy.MaxRetries], Gen.Double[0, 0.999999]).Sample(
        (policy, retry, random) =>
        {
            Assert.Empty(policy.Problems());
            var delay = policy.DelayBefore(retry, random);
            Assert.InRange(delay, TimeSpan.Zero, policy.Max);
            if (policy.Jitter)
                Assert.True(delay <= (policy with { Jitter = false }).DelayBefore(retry, random));
        },
        iter: 5000);

    [Fact]
    public void Delays_without_jitter_never_shrink_and_take_no_chance() => Gen.Select(Policies, Gen.Int[1, 50], Gen.Double[0, 1]).Sample(
        (policy, retry, random) =>
        {
            var plain = policy with { Jitter = false };
            Assert.True(plain.DelayBefore(retry, random) <= plain.DelayBefore(retry + 1, random));
            Assert.Equal(plain.DelayBefore(retry, 0), plain.DelayBefore(retry, random));
        },
        iter: 2000);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 16)]
    [InlineData(6, 30)]
    [InlineData(1000, 30)]
    public void The_usual_delays_double_from_a_second_to_half_a_minute(int retry, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), (RetryPolicy.Default with { Jitter = false }).DelayBefore(retry, 0));

    [Fact]
    public void Jitter_scales_the_delay() => Assert.Equal(TimeSpan.FromSeconds(2), RetryPolicy.Default.DelayBefore(3, 0.5));

    [Fact]
    public void A_fixed_delay_is_not_capped() => Assert.Equal(
        TimeSpan.FromMinutes(2),
        new RetryPolicy { Backoff = BackoffKind.Fixed, Initial = TimeSpan.FromMinutes(2), Jitter = false }.DelayBefore(9, 0));

    public static TheoryData<string, string> Mistakes => new()
    {
        { "retries", "retries is 1001; it takes 0 to 1000." },
        { "initial", "initial is -00:00:01; it takes a duration of 0 or more." },
        { "max", "max is 00:00:00.5000000, less than initial 00:00:01; raise max or lower initial." },
        { "factor", "factor is NaN; it takes a number of 1 or more." },
        { "infinite", "factor is Infinity; it takes a number of 1 or more." },
        { "attempt", "the attempt timeout is 00:00:00; it takes a duration above 0." },
        { "overall", "the overall timeout is -00:00:01; it takes a duration above 0." },
        { "longInitial", "initial is 366.00:00:00; it takes at most 365 days." },
        { "longMax", "max is 366.00:00:00; it takes at most 365 days." },
        { "longAttempt", "the attempt timeout is 366.00:00:00; it takes at most 365 days." },
        { "longOverall", "the overall timeout is 366.00:00:00; it takes at most 365 days." },
        { "outcome", "'throttled' cannot be chosen for retries; choose from application_error, developer_error, whisk_error, timeout, lost, unknown." },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_with_its_value_and_a_remedy(string mistake, string message)
    {
        var long366 = TimeSpan.FromDays(366);
        var policy = mistake switch
        {
            "retries" => new RetryPolicy { Retries = 1001 },
            "initial" => new RetryPolicy { Initial = TimeSpan.FromSeconds(-1) },
            "max" => new RetryPolicy { Max = TimeSpan.FromSeconds(0.5) },
            "factor" => new RetryPolicy { Factor = double.NaN },
            "infinite" => new RetryPolicy { Factor = double.PositiveInfinity },
            "attempt" => new RetryPolicy { AttemptTimeout = TimeSpan.Zero },
            "overall" => new RetryPolicy { OverallTimeout = TimeSpan.FromSeconds(-1) },
            "longInitial" => new RetryPolicy { Backoff = BackoffKind.Fixed, Initial = long366 },
            "longMax" => new RetryPolicy { Max = long366 },
            "longAttempt" => new RetryPolicy { AttemptTimeout = long366 },
            "longOverall" => new RetryPolicy { OverallTimeout = long366 },
            _ => new RetryPolicy { RetryOn = [AttemptOutcome.Lost, AttemptOutcome.Throttled] },
        };
        Assert.Equal(message, Assert.Single(policy.Problems()));
    }

    [Fact]
    public void The_longest_durations_that_are_taken_can_be_added_to_a_time()
    {
        var policy = new RetryPolicy { Initial = RetryPolicy.MaxDuration, Max = RetryPolicy.MaxDuration, AttemptTimeout = RetryPolicy.MaxDuration, Jitter = false };
        Assert.Empty(policy.Problems());
        Assert.Equal((Given.T0.AddDays(365), true), Next(policy, AttemptOutcome.Lost));
    }

    public static TheoryData<AttemptOutcome, bool, bool> FixedRules => new()
    {
        { AttemptOutcome.ApplicationError, true, true },
        { AttemptOutcome.DeveloperError, true, true },
        { AttemptOutcome.WhiskError, true, true },
        { AttemptOutcome.Timeout, true, true },
        { AttemptOutcome.Lost, true, true },
        { AttemptOutcome.Unknown, true, true },
        { AttemptOutcome.Throttled, true, false },
        { AttemptOutcome.Unavailable, true, false },
        { AttemptOutcome.Interrupted, true, false },
        { AttemptOutcome.Crashed, true, false },
        { AttemptOutcome.Rejected, false, false },
        { AttemptOutcome.Cancelled, false, false },
    };

    [Theory]
    [MemberData(nameof(FixedRules))]
    public void Each_outcome_has_its_rule(AttemptOutcome outcome, bool retried, bool uses)
    {
        var (at, used) = Next(RetryPolicy.Default, outcome);
        Assert.Equal((retried, uses), (at is not null, used));
    }

    [Fact]
    public void What_uses_up_no_retry_goes_on_when_none_are_left()
    {
        var none = new RetryPolicy { Retries = 0 };
        Assert.Null(Next(none, AttemptOutcome.ApplicationError).RetryAt);
        foreach (var outcome in new[] { AttemptOutcome.Throttled, AttemptOutcome.Unavailable, AttemptOutcome.Interrupted, AttemptOutcome.Crashed })
            Assert.NotNull(Next(none, outcome).RetryAt);
    }

    [Fact]
    public void The_platform_may_turn_an_action_away_a_thousand_times_at_growing_intervals()
    {
        Assert.Equal(Given.At(0.5), Next(RetryPolicy.Default, AttemptOutcome.Throttled, random: 0.5).RetryAt);
        Assert.Equal(Given.At(15), Next(RetryPolicy.Default, AttemptOutcome.Unavailable, a => a with { Pushbacks = 999 }, random: 0.5).RetryAt);
        Assert.Null(Next(RetryPolicy.Default, AttemptOutcome.Throttled, a => a with { Pushbacks = RetryRules.MaxPushbacks }).RetryAt);
    }

    [Theory]
    [InlineData("E1", true)]
    [InlineData("E2", false)]
    [InlineData("E3", false)]
    [InlineData(null, false)]
    public void Codes_choose_which_application_errors_are_retried(string? code, bool retried)
    {
        var policy = new RetryPolicy { RetryCodes = ["E1", "E2"], NeverRetryCodes = ["E2"] };
        Assert.Equal(retried, Next(policy, AttemptOutcome.ApplicationError, code: code).RetryAt is not null);
        Assert.NotNull(Next(policy, AttemptOutcome.Timeout, code: code).RetryAt);
    }

    [Fact]
    public void An_error_without_a_code_is_retried_unless_codes_are_asked_for() =>
        Assert.NotNull(Next(new RetryPolicy { NeverRetryCodes = ["E2"] }, AttemptOutcome.ApplicationError).RetryAt);

    [Fact]
    public void Outcomes_that_were_not_chosen_are_final() =>
        Assert.Null(Next(new RetryPolicy { RetryOn = [AttemptOutcome.Lost] }, AttemptOutcome.Timeout).RetryAt);

    [Theory]
    [InlineData(11, true)]
    [InlineData(10, false)]
    public void A_retry_that_would_be_due_at_the_overall_timeout_or_later_is_not_made(int overall, bool retried)
    {
        var policy = Given.Plain with { OverallTimeout = TimeSpan.FromSeconds(overall) };
        var (at, used) = Next(policy, AttemptOutcome.Lost, a => a with { FirstStart = Given.At(-9) });
        Assert.Equal((retried, retried), (at is not null, used));
    }

    [Fact]
    public void Policies_are_compared_by_value()
    {
        var policy = new RetryPolicy { RetryCodes = ["E"], RetryOn = [AttemptOutcome.Lost] };
        var same = new RetryPolicy { RetryCodes = ["E"], RetryOn = [AttemptOutcome.Lost] };
        Assert.Equal(policy, same);
        Assert.Equal(policy.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(policy, same with { NeverRetryCodes = ["F"] });
        Assert.NotEqual(policy, same with { Factor = 3 });
    }

    [Fact]
    public void Every_outcome_has_a_name_of_its_own_and_is_found_by_it()
    {
        var names = Enum.GetValues<AttemptOutcome>().Select(AttemptOutcomes.NameOf).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.All(Enum.GetValues<AttemptOutcome>(), o => Assert.True(AttemptOutcomes.TryParse(AttemptOutcomes.NameOf(o), out var found) && found == o));
        Assert.False(AttemptOutcomes.TryParse("Success", out _));
    }

    private static (DateTimeOffset? RetryAt, bool UsesRetry) Next(
        RetryPolicy policy, AttemptOutcome outcome, Func<ActionState, ActionState>? change = null, string? code = null, double random = 0)
    {
        var action = new ActionState { Id = Given.FirstId, Spec = Given.Action(), Phase = ActionPhase.Running, Attempts = 1, FirstStart = Given.T0 };
        return RetryRules.Next(policy, change is null ? action : change(action), outcome, new Failure(code, "no"), Given.T0, random);
    }
}
