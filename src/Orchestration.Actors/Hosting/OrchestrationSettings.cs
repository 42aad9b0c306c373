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
            options.PoolSize ?? Whole(config, "pool-size"),
            options.MaxInFlight ?? Whole(config, "max-in-flight"),
            Whole(config, "max-waiting"),
            options.ResumeOnStart ?? Flag(config, "resume-on-start"),
            Span(config, "call-timeout"),
            Whole(config, "max-gathered"),
            Bytes(config, "result-cache"),
            Span(config, "idle-timeout"),
            new PacingSettings(Span(config, "pacing.clock-tolerance"), Span(config, "pacing.limits-patience")),
            new AwaitSettings(
                Span(config, "await.initial-interval"),
                Span(config, "await.max-interval"),
                Number(config, "await.factor"),
                Span(config, "await.queue-budget"),
                Span(config, "await.grace"),
                Span(config, "await.unknown-grace")),
            new RecoverySettings(
                Whole(config, "recovery.max-failures"),
                Span(config, "recovery.min-backoff"),
                Span(config, "recovery.max-backoff")),
            LineageSettings.From(config.GetConfig("lineage")),
            new SharedObjectSettings(
                Span(config, "shared-objects.check-after"),
                Span(config, "shared-objects.answer-within"),
                Whole(config, "shared-objects.max-waiting")),
            config.GetString("journal-plugin"),
            config.GetString("snapshot-plugin"),
            Span(config, "catalog.interval"),
            Whole(config, "catalog.max-rows"),
            options.MaxActive ?? (Whole(config, "max-active") is var most and > 0 ? most : null));
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

    internal static int Whole(Config config, string name, string section = "orchestration") => Read(config, name, section, "a whole number", c => c.GetInt(name));

    internal static TimeSpan Span(Config config, string name, string section = "orchestration") => Read(config, name, section, "a duration, such as 30s", c => c.GetTimeSpan(name));

    internal static bool Flag(Config config, string name, string section = "orchestration") => Read(config, name, section, "on or off", c => c.GetBoolean(name));

    private static double Number(Config config, string name) => Read(config, name, "orchestration", "a number", c => c.GetDouble(name));

    private static long Bytes(Config config, string name) => Read(config, name, "orchestration", "a size, such as 16 MiB", c => c.GetByteSize(name) ?? 0);

    // What HOCON reads as something else is told with its name, which the parser's own exceptions do not.
    private static T Read<T>(Config config, string name, string section, string takes, Func<Config, T> read)
    {
        try
        {
            return read(config);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException or NotSupportedException or ConfigurationException)
        {
            throw new ConfigurationException($"{section}.{name} is '{config.GetString(name)}'; it takes {takes}.", e);
        }
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
    private const string Section = "orchestration.lineage";

    public static LineageSettings From(Config config)
    {
        var enabled = OrchestrationSettings.Flag(config, "enabled", Section);
        var change = config.GetString("on-change") switch
        {
            "accept" => OnChange.Accept,
            "fail" => OnChange.Fail,
            "invalidate" => OnChange.Invalidate,
            var other => throw new ConfigurationException($"orchestration.lineage.on-change is '{other}'; it takes accept, fail or invalidate."),
        };
        var policy = new RecoveryPolicy(Positive(config, "max-chases"), Positive(config, "max-depth"), Positive(config, "max-jobs"), change);
        return new LineageSettings(enabled ? policy : null, policy.Depth, Positive(config, "stat-parallelism"), enabled && OrchestrationSettings.Flag(config, "check-inputs", Section), OrchestrationSettings.Span(config, "take-over-after", Section));
    }

    private static int Positive(Config config, string name) => OrchestrationSettings.Whole(config, name, Section) is var value && value >= 1
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
