using Akka.Configuration;
using Orchestration.Core.Recovery;

namespace Orchestration.Actors.Hosting;

/// <summary>The numbers in force: options over the application's HOCON over <c>orchestration.conf</c>.</summary>
internal sealed record OrchestrationSettings(
    int PoolSize,
    int MaxInFlight,
    int MaxWaiting,
    bool ResumeOnStart,
    TimeSpan CallTimeout,
    int MaxGathered,
    long ResultCacheBytes,
    TimeSpan IdleTimeout,
    PacingSettings Pacing,
    AwaitSettings Await,
    RecoverySettings Recovery,
    LineageSettings Lineage,
    SharedObjectSettings SharedObjects,
    string JournalPlugin,
    string SnapshotPlugin,
    TimeSpan CatalogInterval,
    int CatalogMaxRows,
    int? MaxActive)
{
    public static OrchestrationSettings From(Config system, OrchestrationOptions options)
    {
        var config = system.GetConfig("orchestration");
        var settings = new OrchestrationSettings(
            options.PoolSize ?? config.GetInt("pool-size"),
            options.MaxInFlight ?? config.GetInt("max-in-flight"),
            config.GetInt("max-waiting"),
            options.ResumeOnStart ?? config.GetBoolean("resume-on-start"),
            config.GetTimeSpan("call-timeout"),
            config.GetInt("max-gathered"),
            config.GetByteSize("result-cache") ?? 0,
            config.GetTimeSpan("idle-timeout"),
            new PacingSettings(config.GetTimeSpan("pacing.clock-tolerance"), config.GetTimeSpan("pacing.limits-patience")),
            new AwaitSettings(
                config.GetTimeSpan("await.initial-interval"),
                config.GetTimeSpan("await.max-interval"),
                config.GetDouble("await.factor"),
                config.GetTimeSpan("await.queue-budget"),
                config.GetTimeSpan("await.grace"),
                config.GetTimeSpan("await.unknown-grace")),
            new RecoverySettings(
                config.GetInt("recovery.max-failures"),
                config.GetTimeSpan("recovery.min-backoff"),
                config.GetTimeSpan("recovery.max-backoff")),
            LineageSettings.From(config.GetConfig("lineage")),
            new SharedObjectSettings(
                config.GetTimeSpan("shared-objects.check-after"),
                config.GetTimeSpan("shared-objects.answer-within"),
                config.GetInt("shared-objects.max-waiting")),
            config.GetString("journal-plugin"),
            config.GetString("snapshot-plugin"),
            config.GetTimeSpan("catalog.interval"),
            config.GetInt("catalog.max-rows"),
            options.MaxActive ?? (config.GetInt("max-active") is var most and > 0 ? most : null));
        Check("pool-size", settings.PoolSize);
        Check("max-in-flight", settings.MaxInFlight);
        Check("max-waiting", settings.MaxWaiting);
        Check("max-gathered", settings.MaxGathered);
        Check("recovery.max-failures", settings.Recovery.MaxFailures);
        Check("shared-objects.max-waiting", settings.SharedObjects.MaxWaiting);
        Check("catalog.max-rows", settings.CatalogMaxRows);
        if (settings.MaxActive is { } active)
            Check("max-active", active);
        if (settings.Pacing.ClockTolerance < TimeSpan.Zero || settings.Pacing.ClockTolerance > TimeSpan.FromSeconds(20))
            throw new ConfigurationException($"orchestration.pacing.clock-tolerance is {settings.Pacing.ClockTolerance}; it takes 0s to 20s.");
        return settings;
    }

    private static void Check(string name, int value)
    {
        if (value < 1)
            throw new ConfigurationException($"orchestration.{name} is {value}; it takes 1 or more.");
    }
}

/// <summary>How invocations are kept under the platform's limits.</summary>
/// <param name="ClockTolerance">How far this machine's clock and the platform's may be apart.</param>
/// <param name="LimitsPatience">How long the first invocation waits for the platform to tell its limits.</param>
internal sealed record PacingSettings(TimeSpan ClockTolerance, TimeSpan LimitsPatience);

/// <summary>How activations are awaited after their 202.</summary>
internal sealed record AwaitSettings(TimeSpan InitialInterval, TimeSpan MaxInterval, double Factor, TimeSpan QueueBudget, TimeSpan Grace, TimeSpan UnknownGrace);

/// <summary>How lost objects are made again.</summary>
/// <param name="Policy">The bounds; null when they are not made again.</param>
/// <param name="MaxDepth">How many producers may stand one behind the other.</param>
/// <param name="StatParallelism">At most so many questions to the object store at once, per orchestration.</param>
/// <param name="CheckInputs">Whether an action's inputs are looked for before it is invoked.</param>
/// <param name="TakeOverAfter">How long the turn of an orchestration that stopped is kept for it.</param>
internal sealed record LineageSettings(RecoveryPolicy? Policy, int MaxDepth, int StatParallelism, bool CheckInputs, TimeSpan TakeOverAfter)
{
    public static LineageSettings From(Config config)
    {
        var enabled = config.GetBoolean("enabled");
        var change = config.GetString("on-change") switch
        {
            "accept" => OnChange.Accept,
            "fail" => OnChange.Fail,
            "invalidate" => OnChange.Invalidate,
            var other => throw new ConfigurationException($"orchestration.lineage.on-change is '{other}'; it takes accept, fail or invalidate."),
        };
        var policy = new RecoveryPolicy(Positive(config, "max-chases"), Positive(config, "max-depth"), Positive(config, "max-jobs"), change);
        return new LineageSettings(enabled ? policy : null, policy.Depth, Positive(config, "stat-parallelism"), enabled && config.GetBoolean("check-inputs"), config.GetTimeSpan("take-over-after"));
    }

    private static int Positive(Config config, string name) => config.GetInt(name) is var value && value >= 1
        ? value
        : throw new ConfigurationException($"orchestration.lineage.{name} is {value}; it takes 1 or more.");
}

/// <summary>How writers of one object stand in line.</summary>
/// <param name="CheckAfter">How long a grant lasts until its holder is asked whether it still needs it.</param>
/// <param name="AnswerWithin">How long an answer is waited for before it is asked again, or counts as none.</param>
/// <param name="MaxWaiting">So many attempts may stand in the line of one object.</param>
internal sealed record SharedObjectSettings(TimeSpan CheckAfter, TimeSpan AnswerWithin, int MaxWaiting);

/// <summary>What follows a failed recovery.</summary>
internal sealed record RecoverySettings(int MaxFailures, TimeSpan MinBackoff, TimeSpan MaxBackoff);
