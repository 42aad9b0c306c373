using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Persistence.Hosting;
using Akka.TestKit;
using Orchestration.Actors.Client;
using Orchestration.Actors.Hosting;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Retries;

namespace Orchestration.Actors.Tests.Support;

/// <summary>A system as an application would make it, with an in-memory journal, a scripted OpenWhisk and virtual time.</summary>
public abstract class OrchestrationScenario : Akka.Hosting.TestKit.TestKit
{
    protected static readonly Platform Here = new("http://openwhisk.test", "guest", "file:store");

    /// <summary>Where this scenario's actions run.</summary>
    protected virtual Platform Where => Here;

    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private protected ScriptedInvoker Invoker { get; } = new();

    protected IOrchestrationClient Client => field ??= OrchestrationHostingExtensions.CreateClient(Sys);

    protected TestScheduler Clock => (TestScheduler)Sys.Scheduler;

    protected static CancellationToken Soon => new CancellationTokenSource(Patience).Token;

    protected override Config? Config => ConfigurationFactory.ParseString("""
        akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
        akka.loglevel = WARNING
        # Virtual time may leap by minutes while an actor still recovers or a row is written.
        akka.persistence.journal-plugin-fallback { recovery-event-timeout = 20d, circuit-breaker.call-timeout = 20d }
        akka.persistence.snapshot-store-plugin-fallback.circuit-breaker.call-timeout = 20d
        """);

    protected override void ConfigureAkka(AkkaConfigurationBuilder builder, IServiceProvider provider) =>
        Journal(builder).WithOrchestration(o => Options(o.UseInvoker(_ => Invoker, Where).AllowInMemoryJournal()));

    protected virtual AkkaConfigurationBuilder Journal(AkkaConfigurationBuilder builder) => builder
        .WithInMemoryJournal()
        .WithInMemorySnapshotStore();

    protected virtual void Options(OrchestrationOptions options)
    {
    }

    protected static ActionSpec Echo(int n) => new("echo", JsonBytes.Parse($$"""{"n":{{n}}}"""));

    protected static IEnumerable<ActionSpec> Echoes(int count) => Enumerable.Range(0, count).Select(Echo);

    protected static RetryPolicy Every(TimeSpan delay, int retries = 3) =>
        new() { Retries = retries, Backoff = BackoffKind.Fixed, Initial = delay, Jitter = false };

    protected static BatchSpec Batch(string key, RetryPolicy retry, params ActionSpec[] actions) =>
        new(key, [.. actions], new BatchOptions(null, retry, Writers.Single));

    protected Task<OrchestrationHandle> StartAsync(PipelineDefinition? pipeline = null) =>
        Client.StartAsync(new StartRequest("test") { Pipeline = pipeline }, Soon);

    protected async Task<List<Fact>> FactsAsync(OrchestrationId id)
    {
        var facts = new List<Fact>();
        await foreach (var row in Client.ReadHistoryAsync(id, Soon))
            facts.AddRange(row.Commit.Facts);
        return facts;
    }

    /// <summary>Lets virtual time pass in steps until a condition holds.</summary>
    protected Task PassUntilAsync(TimeSpan step, Func<bool> condition) => AwaitConditionAsync(() =>
    {
        if (!condition())
            Clock.Advance(step);
        return Task.FromResult(condition());
    }, Patience, TimeSpan.FromMilliseconds(5));

    protected Task UntilAsync(Func<bool> condition) => AwaitConditionAsync(() => Task.FromResult(condition()), Patience, TimeSpan.FromMilliseconds(5));

    /// <summary>Kills the only orchestrator, as a bug in it would; its region makes it again from its journal.</summary>
    protected async Task KillOrchestratorAsync()
    {
        var region = await Sys.ActorSelection("/user/orchestration/orchestrators").ResolveOne(Patience);
        var orchestrator = ((ActorRefWithCell)region).Children.Single(c => c.Path.Name != "index");
        await WatchAsync(orchestrator);
        orchestrator.Tell(Kill.Instance);
        await ExpectTerminatedAsync(orchestrator, Patience);
    }
}
