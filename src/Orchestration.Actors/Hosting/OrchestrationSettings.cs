using Akka.Configuration;

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
    AwaitSettings Await,
    RecoverySettings Recovery,
    string JournalPlugin,
    string SnapshotPlugin,
    TimeSpan CatalogInterval,
    int CatalogMaxRows)
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
            new AwaitSettings(
                config.GetTimeSpan("await.initial-interval"),
                config.GetTimeSpan("await.max-interval"),
                config.GetDouble("await.factor"),
                config.GetTimeSpan("await.queue-budget"),
                config.GetTimeSpan("await.grace")),
            new RecoverySettings(
                config.GetInt("recovery.max-failures"),
                config.GetTimeSpan("recovery.min-backoff"),
                config.GetTimeSpan("recovery.max-backoff")),
            config.GetString("journal-plugin"),
            config.GetString("snapshot-plugin"),
            config.GetTimeSpan("catalog.interval"),
            config.GetInt("catalog.max-rows"));
        Check("pool-size", settings.PoolSize);
        Check("max-in-flight", settings.MaxInFlight);
        Check("max-waiting", settings.MaxWaiting);
        Check("max-gathered", settings.MaxGathered);
        Check("recovery.max-failures", settings.Recovery.MaxFailures);
        Check("catalog.max-rows", settings.CatalogMaxRows);
        return settings;
    }

    private static void Check(string name, int value)
    {
        if (value < 1)
            throw new ConfigurationException($"orchestration.{name} is {value}; it takes 1 or more.");
    }
}

/// <summary>How activations are awaited after their 202.</summary>
internal sealed record AwaitSettings(TimeSpan InitialInterval, TimeSpan MaxInterval, double Factor, TimeSpan QueueBudget, TimeSpan Grace);

/// <summary>What follows a failed recovery.</summary>
internal sealed record RecoverySettings(int MaxFailures, TimeSpan MinBackoff, TimeSpan MaxBackoff);
