using Akka.Actor;
using Akka.Hosting;
using Akka.TestKit.Xunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Orchestration.Persistence.Contract;
using Orchestration.Persistence.MongoDb.Tests.Support;
using Orchestration.Tests.Services;
using static Orchestration.Persistence.Contract.RecorderActor;

namespace Orchestration.Persistence.MongoDb.Tests.Hosting;

public sealed class WithMongoDbPersistenceTests(SharedMongo mongo)
{
    [Fact]
    public Task Stores_in_the_given_collections_and_is_watched_by_a_health_check()
    {
        var database = mongo.Server.NewDatabase();
        return RunAsync(
            akka => akka.WithMongoDbPersistence(o =>
            {
                o.ConnectionString = database;
                o.JournalCollection = "Facts";
                o.CallTimeout = TimeSpan.FromSeconds(7);
            }),
            async (services, system) =>
            {
                Assert.Equal(MongoDbPersistence.JournalId, system.Settings.Config.GetString("akka.persistence.journal.plugin"));
                Assert.Equal(MongoDbPersistence.SnapshotStoreId, system.Settings.Config.GetString("akka.persistence.snapshot-store.plugin"));
                Assert.Equal(TimeSpan.FromSeconds(7), system.Settings.Config.GetTimeSpan(MongoDbPersistence.JournalId + ".call-timeout"));
                Assert.Equal("off", system.Settings.Config.GetString(MongoDbPersistence.JournalId + ".replay-filter.mode"));
                var probe = new TestKit(system).CreateTestProbe();
                var actor = system.ActorOf(Props.Create(() => new RecorderActor("p", probe.Ref)));
                await probe.ExpectMsgAsync<Recovered>(StoredSystem.Soon);
                actor.Tell(new Store("stored"));
                await probe.ExpectMsgAsync<Stored>(StoredSystem.Soon);
                using var cursor = await MongoConnection.Of(database).Database.ListCollectionNamesAsync();
                var names = new List<string>();
                while (await cursor.MoveNextAsync())
                    names.AddRange(cursor.Current);
                Assert.Contains("Facts", names);
                Assert.DoesNotContain("EventJournal", names);

                var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
                Assert.Equal(HealthStatus.Healthy, report.Entries["mongodb"].Status);
            });
    }

    [Fact]
    public void A_connection_string_without_a_database_is_refused()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddAkka("hosting", (akka, _) => akka.WithMongoDbPersistence("mongodb://localhost:1"));
        using var host = builder.Build();
        var e = Assert.Throws<MongoStorageException>(() => host.Services.GetRequiredService<ActorSystem>());
        Assert.Contains("names no database", e.Message, StringComparison.Ordinal);
    }

    private static async Task RunAsync(Action<AkkaConfigurationBuilder> configure, Func<IServiceProvider, ActorSystem, Task> test)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.Services.AddHealthChecks();
        builder.Services.AddAkka("hosting", (akka, _) =>
        {
            akka.AddHocon(
                $$"""
                akka.stdout-loglevel = OFF
                akka.loglevel = OFF
                akka.actor.serializers.contract = "{{typeof(ContractSerializer).AssemblyQualifiedName}}"
                akka.actor.serialization-bindings."{{typeof(IContractPayload).AssemblyQualifiedName}}" = contract
                """,
                HoconAddMode.Prepend);
            akka.AddHocon(TestKit.DefaultConfig, HoconAddMode.Append);
            configure(akka);
        });
        using var host = builder.Build();
        await host.StartAsync();
        await test(host.Services, host.Services.GetRequiredService<ActorSystem>());
        await host.StopAsync();
    }
}
