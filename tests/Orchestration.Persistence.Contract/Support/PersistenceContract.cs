using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit;

namespace Orchestration.Persistence.Contract;

/// <summary>An actor system on the storage under test, which may be restarted within a test.</summary>
public abstract class PersistenceContract : IAsyncLifetime
{
    /// <summary>Longest wait for an answer. Generous: it is reached only when something is broken.</summary>
    protected static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private TestKit? _kit;

    protected ActorSystem System { get; private set; } = null!;

    protected string Pid { get; } = "contract-" + Guid.NewGuid().ToString("N");

    /// <summary>Selects the plugins under test as the default ones; the same storage for the whole of a test.</summary>
    protected abstract Config Plugins { get; }

    public ValueTask InitializeAsync()
    {
        Start();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await System.Terminate();
        await CleanUpAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Removes the storage once the system is gone.</summary>
    protected virtual ValueTask CleanUpAsync() => ValueTask.CompletedTask;

    protected async Task RestartSystemAsync()
    {
        await System.Terminate();
        Start();
    }

    protected TestProbe Probe() => _kit!.CreateTestProbe();

    protected IActorRef Recorder(string persistenceId, IActorRef watcher) =>
        System.ActorOf(Props.Create(() => new RecorderActor(persistenceId, watcher)));

    private void Start()
    {
        var config = Plugins
            .WithFallback(ConfigurationFactory.ParseString(
                $$"""
                akka.loglevel = OFF
                akka.loggers = []
                akka.stdout-loglevel = OFF
                akka.log-dead-letters = off
                akka.log-dead-letters-during-shutdown = off
                akka.actor {
                  serializers.contract = "{{typeof(ContractSerializer).AssemblyQualifiedName}}"
                  serialization-bindings {
                    "{{typeof(IContractPayload).AssemblyQualifiedName}}" = contract
                  }
                }
                """))
            .WithFallback(TestKitBase.DefaultConfig);
        System = ActorSystem.Create("contract", config);
        _kit = new TestKit(System);
    }
}
