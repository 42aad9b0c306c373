using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.TestKit;
using Akka.TestKit.Xunit;
using MongoDB.Bson;
using MongoDB.Driver;
using Orchestration.Persistence.Contract;

namespace Orchestration.Persistence.MongoDb.Tests.Support;

/// <summary>An actor system on a database, and the database seen from outside.</summary>
internal sealed class StoredSystem : IAsyncDisposable
{
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly TestKit _kit;

    public StoredSystem(string connectionString, string more = "")
    {
        System = ActorSystem.Create("mongodb", Configurations.For(connectionString, more)
            .WithFallback(ConfigurationFactory.ParseString(
                $$"""
                akka.loglevel = OFF
                akka.stdout-loglevel = OFF
                akka.actor {
                  serializers.contract = "{{typeof(ContractSerializer).AssemblyQualifiedName}}"
                  serialization-bindings."{{typeof(IContractPayload).AssemblyQualifiedName}}" = contract
                }
                """))
            .WithFallback(TestKitBase.DefaultConfig));
        _kit = new TestKit(System);
        Database = MongoConnection.Of(connectionString).Database;
    }

    public ActorSystem System { get; }

    public IMongoDatabase Database { get; }

    public IActorRef Journal => Akka.Persistence.Persistence.Instance.Apply(System).JournalFor(null);

    public TestProbe Probe() => _kit.CreateTestProbe();

    public TestProbe Write(string persistenceId, params long[] sequenceNrs)
    {
        var probe = Probe();
        Journal.Tell(new WriteMessages(
            [.. sequenceNrs.Select(nr => new AtomicWrite(new Persistent(new Bound("e-" + nr), nr, persistenceId, "", false, ActorRefs.NoSender, "writer")))], probe.Ref, 1));
        return probe;
    }

    public Task<List<BsonDocument>> AllAsync(string collection) => Database.GetCollection<BsonDocument>(collection).Find(new BsonDocument()).Sort(new BsonDocument("SequenceNr", 1)).ToListAsync();

    public async ValueTask DisposeAsync() => await System.Terminate();
}
