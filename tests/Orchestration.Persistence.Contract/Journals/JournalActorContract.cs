using Akka.Actor;
using static Orchestration.Persistence.Contract.RecorderActor;

namespace Orchestration.Persistence.Contract;

/// <summary>A journal as persistent actors see it.</summary>
public abstract class JournalActorContract : PersistenceContract
{
    [Fact]
    public async Task An_actor_finds_its_events_after_a_restart_of_the_system()
    {
        var probe = Probe();
        var actor = Recorder(Pid, probe.Ref);
        await probe.ExpectMsgAsync<Recovered>(Soon);
        actor.Tell(new Store("a", "b"));
        actor.Tell(new Store("c"));
        await probe.ExpectMsgAsync<Stored>(Soon);
        await probe.ExpectMsgAsync<Stored>(Soon);

        await RestartSystemAsync();

        var again = Probe();
        Recorder(Pid, again.Ref);
        var recovered = await again.ExpectMsgAsync<Recovered>(Soon);
        Assert.Equal(["a", "b", "c"], recovered.Texts);
        Assert.Equal(3, recovered.SequenceNr);
    }

    [Fact]
    public async Task Of_two_writers_the_second_stops_and_the_first_goes_on()
    {
        var first = Probe();
        var second = Probe();
        var firstActor = Recorder(Pid, first.Ref);
        var secondActor = Recorder(Pid, second.Ref);
        await first.ExpectMsgAsync<Recovered>(Soon);
        await second.ExpectMsgAsync<Recovered>(Soon);
        await second.WatchAsync(secondActor);

        firstActor.Tell(new Store("first"));
        await first.ExpectMsgAsync<Stored>(Soon);
        secondActor.Tell(new Store("second-1", "second-2"));
        Assert.Equal(1, (await second.ExpectMsgAsync<PersistFailed>(Soon)).SequenceNr);
        await second.ExpectTerminatedAsync(secondActor, Soon);
        firstActor.Tell(new Store("first again"));
        Assert.Equal(2, (await first.ExpectMsgAsync<Stored>(Soon)).SequenceNr);

        var third = Probe();
        Recorder(Pid, third.Ref);
        Assert.Equal(["first", "first again"], (await third.ExpectMsgAsync<Recovered>(Soon)).Texts);
    }

    [Fact]
    public async Task A_rejected_event_is_told_and_not_stored()
    {
        var probe = Probe();
        var actor = Recorder(Pid, probe.Ref);
        await probe.ExpectMsgAsync<Recovered>(Soon);
        actor.Tell(new StoreRefused());
        Assert.IsType<NotSupportedException>((await probe.ExpectMsgAsync<PersistRejected>(Soon)).Cause);

        var again = Probe();
        Recorder(Pid, again.Ref);
        Assert.Empty((await again.ExpectMsgAsync<Recovered>(Soon)).Texts);
    }

    [Fact]
    public async Task Many_actors_at_once_each_get_their_own_events_back()
    {
        const int Actors = 64;
        const int Rounds = 20;
        var probes = Enumerable.Range(0, Actors).Select(_ => Probe()).ToList();
        var actors = probes.Select((p, i) => Recorder($"{Pid}-{i}", p.Ref)).ToList();
        for (var r = 0; r < Rounds; r++)
        {
            for (var i = 0; i < Actors; i++)
                actors[i].Tell(new Store($"{i}:{r}"));
        }

        foreach (var probe in probes)
        {
            await probe.ExpectMsgAsync<Recovered>(Soon);
            for (var r = 0; r < Rounds; r++)
                Assert.Equal(r + 1, (await probe.ExpectMsgAsync<Stored>(Soon)).SequenceNr);
        }

        await RestartSystemAsync();

        for (var i = 0; i < Actors; i++)
        {
            var probe = Probe();
            Recorder($"{Pid}-{i}", probe.Ref);
            Assert.Equal(Enumerable.Range(0, Rounds).Select(r => $"{i}:{r}"), (await probe.ExpectMsgAsync<Recovered>(Soon)).Texts);
        }
    }

    [Fact]
    public async Task Recovery_starts_from_the_snapshot_and_adds_what_came_later()
    {
        var probe = Probe();
        var actor = Recorder(Pid, probe.Ref);
        await probe.ExpectMsgAsync<Recovered>(Soon);
        actor.Tell(new Store("a", "b"));
        await probe.ExpectMsgAsync<Stored>(Soon);
        actor.Tell(new TakeSnapshot());
        await probe.ExpectMsgAsync<Akka.Persistence.SaveSnapshotSuccess>(Soon);
        actor.Tell(new Store("c"));
        await probe.ExpectMsgAsync<Stored>(Soon);

        await RestartSystemAsync();

        var again = Probe();
        Recorder(Pid, again.Ref);
        var recovered = await again.ExpectMsgAsync<Recovered>(Soon);
        Assert.Equal(["a", "b", "c"], recovered.Texts);
        Assert.Equal(3, recovered.SequenceNr);
    }
}
