using Akka.Actor;
using Akka.Hosting;
using Akka.Persistence.Journal;
using Akka.TestKit.Xunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestration.Persistence.Contract;
using Orchestration.Persistence.Sqlite.Tests.Support;
using static Orchestration.Persistence.Contract.RecorderActor;

namespace Orchestration.Persistence.Sqlite.Tests.Hosting;

public sealed class WithSqlitePersistenceTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Stores_in_the_given_directory_by_default()
    {
        var path = _directory.PathOf("with \"quotes\" and \\ and ${x}");
        await RunAsync(akka => akka.WithSqlitePersistence(path), async (system, kit) =>
        {
            Assert.Equal(SqlitePersistence.JournalId, system.Settings.Config.GetString("akka.persistence.journal.plugin"));
            Assert.Equal(SqlitePersistence.SnapshotStoreId, system.Settings.Config.GetString("akka.persistence.snapshot-store.plugin"));
            await StoreOneAsync(system, kit);
        });
        Assert.True(File.Exists(Path.Combine(path, "journal.db")));
        Assert.False(File.Exists(Path.Combine(path, "journal.db-wal")), "A system that ends in order leaves no write-ahead log.");
    }

    [Fact]
    public Task Leaves_the_default_plugins_alone_when_told_so() =>
        RunAsync(akka => akka.WithSqlitePersistence(_directory.FullPath, isDefault: false), (system, _) =>
        {
            var persistence = Akka.Persistence.Persistence.Instance.Apply(system);
            Assert.NotEqual(persistence.JournalFor(SqlitePersistence.JournalId), persistence.JournalFor(null));
            Assert.NotEqual(SqlitePersistence.JournalId, system.Settings.Config.GetString("akka.persistence.journal.plugin"));
            Assert.Equal(_directory.FullPath, system.Settings.Config.GetString(SqlitePersistence.JournalId + ".data-directory"));
            return Task.CompletedTask;
        });

    [Fact]
    public Task Settings_of_the_application_win_over_the_defaults() =>
        RunAsync(
            akka => akka
                .AddHocon(SqlitePersistence.JournalId + ".circuit-breaker.call-timeout = 7s", HoconAddMode.Prepend)
                .WithSqlitePersistence(_directory.FullPath),
            (system, _) =>
            {
                var config = system.Settings.Config.GetConfig(SqlitePersistence.JournalId);
                Assert.Equal(TimeSpan.FromSeconds(7), config.GetTimeSpan("circuit-breaker.call-timeout"));
                Assert.Equal("off", config.GetString("replay-filter.mode"));
                return Task.CompletedTask;
            });

    [Fact]
    public Task Event_adapters_see_their_events_and_tags_are_taken_off() =>
        RunAsync(
            akka => akka.WithSqlitePersistence(o =>
            {
                o.DataDirectory = _directory.FullPath;
                o.Journal = journal => journal.AddWriteEventAdapter<Tagger>("tagger", [typeof(Bound)]);
            }),
            async (system, kit) =>
            {
                await StoreOneAsync(system, kit);
                var probe = kit.CreateTestProbe();
                system.ActorOf(Props.Create(() => new RecorderActor("p", probe.Ref)));
                Assert.Equal(["adapted stored"], (await probe.ExpectMsgAsync<Recovered>(Soon)).Texts);
            });

    [Fact]
    public async Task A_directory_held_by_another_process_fails_the_recovery_at_once_with_the_reason()
    {
        using var child = Child.Start("hold", _directory.FullPath);
        Assert.Equal("held", await child.ReadLineAsync());
        await RunAsync(akka => akka.WithSqlitePersistence(_directory.FullPath), async (system, kit) =>
        {
            var probe = kit.CreateTestProbe();
            system.ActorOf(Props.Create(() => new RecorderActor("p", probe.Ref)));
            var cause = (await probe.ExpectMsgAsync<RecoveryFailed>(Soon)).Cause;
            Assert.IsType<DataDirectoryException>(cause);
            Assert.Contains($"is in use by process {child.Pid} ", cause.Message, StringComparison.Ordinal);

            await child.EndInputAsync();
            await StoreOneAsync(system, kit);
        });
    }

    private static async Task StoreOneAsync(ActorSystem system, TestKit kit)
    {
        var probe = kit.CreateTestProbe();
        var actor = system.ActorOf(Props.Create(() => new RecorderActor("p", probe.Ref)));
        await probe.ExpectMsgAsync<Recovered>(Soon);
        actor.Tell(new Store("stored"));
        await probe.ExpectMsgAsync<Stored>(Soon);
    }

    private static async Task RunAsync(Action<AkkaConfigurationBuilder> configure, Func<ActorSystem, TestKit, Task> test)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
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
        var system = host.Services.GetRequiredService<ActorSystem>();
        await test(system, new TestKit(system));
        await host.StopAsync();
    }

    private sealed class Tagger : IWriteEventAdapter
    {
        public string Manifest(object evt) => "";

        public object ToJournal(object evt) => new Tagged(new Bound("adapted " + ((Bound)evt).Text), ["tag"]);
    }
}
