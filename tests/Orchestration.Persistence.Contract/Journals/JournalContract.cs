using System.Collections.Immutable;
using Akka.Actor;
using Akka.Persistence;
using Akka.TestKit;

namespace Orchestration.Persistence.Contract;

/// <summary>What Akka.Persistence asks of a journal, talked to by its own messages. The actors' view of it is in <see cref="JournalActorContract"/>.</summary>
public abstract class JournalContract : PersistenceContract
{
    private const int ActorInstance = 1;

    private readonly string _writer = Guid.NewGuid().ToString();

    private IActorRef Journal => Akka.Persistence.Persistence.Instance.Apply(System).JournalFor(null);

    [Theory]
    [InlineData(1, long.MaxValue, long.MaxValue, "1,2,3,4,5")]
    [InlineData(0, long.MaxValue, long.MaxValue, "1,2,3,4,5")]
    [InlineData(3, long.MaxValue, long.MaxValue, "3,4,5")]
    [InlineData(1, 3, long.MaxValue, "1,2,3")]
    [InlineData(2, 3, long.MaxValue, "2,3")]
    [InlineData(2, 2, long.MaxValue, "2")]
    [InlineData(1, long.MaxValue, 3, "1,2,3")]
    [InlineData(2, 5, 2, "2,3")]
    [InlineData(2, 4, 1, "2")]
    [InlineData(2, 4, 0, "")]
    [InlineData(3, 2, long.MaxValue, "")]
    [InlineData(6, long.MaxValue, long.MaxValue, "")]
    public async Task Replays_the_asked_range_in_order(long from, long to, long max, string expected)
    {
        await WriteAsync(1, 5);
        var (events, highest) = await ReplayAsync(from, to, max);
        Assert.Equal(expected, string.Join(',', events.Select(e => e.SequenceNr)));
        Assert.All(events, e => Assert.Equal(new Bound("e-" + e.SequenceNr), e.Payload));
        Assert.Equal(5, highest);
    }

    [Fact]
    public async Task An_unknown_persistence_id_has_no_events_and_number_zero()
    {
        var (events, highest) = await ReplayAsync(0, long.MaxValue, long.MaxValue);
        Assert.Empty(events);
        Assert.Equal(0, highest);
    }

    [Fact]
    public async Task Gives_back_all_that_was_stored_with_an_event()
    {
        var before = DateTime.UtcNow.Ticks;
        await SucceedsAsync(Single(1, new Bound("x"), manifest: "adapter-1"));
        var e = Assert.Single((await ReplayAsync()).Events);
        Assert.Equal(Pid, e.PersistenceId);
        Assert.Equal(1, e.SequenceNr);
        Assert.Equal(_writer, e.WriterGuid);
        Assert.Equal("adapter-1", e.Manifest);
        Assert.Equal(new Bound("x"), e.Payload);
        Assert.False(e.IsDeleted);
        Assert.InRange(e.Timestamp, before, DateTime.UtcNow.Ticks);
    }

    [Fact]
    public async Task Keeps_events_without_a_serializer_of_their_own()
    {
        await SucceedsAsync(Single(1, new Unbound("x", 7)));
        Assert.Equal(new Unbound("x", 7), Assert.Single((await ReplayAsync()).Events).Payload);
    }

    [Theory]
    [InlineData("it's \"quoted\"; DROP TABLE event;--")]
    [InlineData("naïve-Ωmega-日本")]
    [InlineData("a b/c?d=e%f")]
    public async Task Takes_any_text_as_persistence_id(string text)
    {
        var pid = Pid + text;
        await SucceedsAsync(Single(1, new Bound("x"), pid: pid));
        Assert.Equal(pid, Assert.Single((await ReplayAsync(pid: pid)).Events).PersistenceId);
        Assert.Empty((await ReplayAsync()).Events);
    }

    [Fact]
    public async Task Deleted_events_are_not_replayed_and_the_highest_number_stays()
    {
        await WriteAsync(1, 5);
        await DeleteAsync(3);
        var (events, highest) = await ReplayAsync();
        Assert.Equal([4, 5], events.Select(e => e.SequenceNr));
        Assert.Equal(5, highest);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(long.MaxValue)]
    public async Task The_highest_number_outlives_the_last_event(long deleteTo)
    {
        await WriteAsync(1, 5);
        await DeleteAsync(deleteTo);
        await DeleteAsync(deleteTo);
        Assert.Equal(5, (await ReplayAsync()).Highest);
        await RestartSystemAsync();
        var (events, highest) = await ReplayAsync();
        Assert.Empty(events);
        Assert.Equal(5, highest);
    }

    [Fact]
    public async Task Writing_goes_on_after_a_delete()
    {
        await WriteAsync(1, 3);
        await DeleteAsync(3);
        await WriteAsync(4, 6);
        await DeleteAsync(4);
        var (events, highest) = await ReplayAsync();
        Assert.Equal([5, 6], events.Select(e => e.SequenceNr));
        Assert.Equal(6, highest);
    }

    [Fact]
    public async Task Deleting_nothing_succeeds_and_leaves_no_number()
    {
        await DeleteAsync(10);
        Assert.Equal(0, (await ReplayAsync()).Highest);
    }

    [Fact]
    public async Task A_delete_touches_no_other_persistence_id()
    {
        await WriteAsync(1, 2);
        await SucceedsAsync(Single(1, new Bound("other"), pid: Pid + "x"));
        await DeleteAsync(long.MaxValue);
        Assert.Single((await ReplayAsync(pid: Pid + "x")).Events);
    }

    [Fact]
    public async Task A_write_that_collides_is_not_stored_at_all()
    {
        await WriteAsync(1, 5);
        var probe = Send(Atomic(Event(4, "late"), Event(5, "late"), Event(6, "late")));
        var cause = (await probe.ExpectMsgAsync<WriteMessagesFailed>(Soon)).Cause;
        for (var i = 4; i <= 6; i++)
        {
            var failure = await probe.ExpectMsgAsync<WriteMessageFailure>(Soon);
            Assert.Equal(i, failure.Persistent.SequenceNr);
            Assert.Same(cause, failure.Cause);
        }

        var (events, highest) = await ReplayAsync();
        Assert.Equal(5, highest);
        Assert.All(events, e => Assert.Equal(new Bound("e-" + e.SequenceNr), e.Payload));
    }

    [Fact]
    public async Task A_failing_write_leaves_those_beside_it_alone()
    {
        await WriteAsync(1, 1);
        var writes = Enumerable.Range(0, 50)
            .Select(i => (Fails: i % 5 == 0, Probe: i % 5 == 0 ? Send(Atomic(Event(1, "late"), Event(2, "late"))) : Send(Single(1, new Bound("x"), pid: $"{Pid}-{i}"))))
            .ToList();
        foreach (var (fails, probe) in writes)
        {
            if (fails)
                await probe.ExpectMsgAsync<WriteMessagesFailed>(Soon);
            else
                await probe.ExpectMsgAsync<WriteMessagesSuccessful>(Soon);
        }

        Assert.Equal(1, (await ReplayAsync()).Highest);
        for (var i = 0; i < 50; i++)
            Assert.Equal(i % 5 == 0 ? 0 : 1, (await ReplayAsync(pid: $"{Pid}-{i}")).Highest);
    }

    [Fact]
    public async Task An_event_that_cannot_be_serialized_is_rejected_alone()
    {
        await WriteAsync(1, 5);
        var probe = Send(Single(6, new Bound("e-6")), Single(7, new Unserializable("x")), Single(8, new Bound("e-8")));
        await probe.ExpectMsgAsync<WriteMessagesSuccessful>(Soon);
        Assert.Equal(6, (await probe.ExpectMsgAsync<WriteMessageSuccess>(Soon)).Persistent.SequenceNr);
        var rejected = await probe.ExpectMsgAsync<WriteMessageRejected>(Soon);
        Assert.Equal(7, rejected.Persistent.SequenceNr);
        Assert.IsType<NotSupportedException>(rejected.Cause);
        Assert.Equal(8, (await probe.ExpectMsgAsync<WriteMessageSuccess>(Soon)).Persistent.SequenceNr);
        Assert.Equal([1, 2, 3, 4, 5, 6, 8], (await ReplayAsync()).Events.Select(e => e.SequenceNr));
    }

    [Fact]
    public async Task A_rejected_event_takes_its_whole_atomic_write_along()
    {
        var probe = Send(Atomic(Event(1, "x"), Event(2, new Unserializable("x"))));
        await probe.ExpectMsgAsync<WriteMessagesSuccessful>(Soon);
        await probe.ExpectMsgAsync<WriteMessageRejected>(Soon);
        await probe.ExpectMsgAsync<WriteMessageRejected>(Soon);
        Assert.Equal(0, (await ReplayAsync()).Highest);
    }

    [Fact]
    public async Task A_replay_asked_for_right_after_a_write_sees_it()
    {
        for (var i = 1; i <= 50; i++)
        {
            Send(Single(i, new Bound("e-" + i)));
            Assert.Equal(i, (await ReplayAsync(from: i)).Highest);
        }
    }

    [Fact]
    public async Task Keeps_an_event_of_8_MB()
    {
        var bytes = new byte[8 * 1024 * 1024];
        new Random(1).NextBytes(bytes);
        await SucceedsAsync(Single(1, bytes));
        await RestartSystemAsync();
        Assert.Equal(bytes, (byte[])Assert.Single((await ReplayAsync()).Events).Payload);
    }

    [Fact]
    public async Task Replays_thousands_of_events_in_order()
    {
        const int Count = 5_000;
        await SucceedsAsync(Atomic([.. Enumerable.Range(1, Count).Select(i => Event(i, "e-" + i))]));
        var (events, highest) = await ReplayAsync();
        Assert.Equal(Enumerable.Range(1, Count).Select(i => (long)i), events.Select(e => e.SequenceNr));
        Assert.Equal(Count, highest);
    }

    private Persistent Event(long nr, object payload, string? pid = null, string manifest = "") =>
        new(payload is string text ? new Bound(text) : payload, nr, pid ?? Pid, manifest, false, ActorRefs.NoSender, _writer);

    private AtomicWrite Single(long nr, object payload, string? pid = null, string manifest = "") => new(Event(nr, payload, pid, manifest));

    private static AtomicWrite Atomic(params Persistent[] events) => new(events.ToImmutableList<IPersistentRepresentation>());

    private TestProbe Send(params AtomicWrite[] writes)
    {
        var probe = Probe();
        Journal.Tell(new WriteMessages(writes, probe.Ref, ActorInstance));
        return probe;
    }

    private async Task SucceedsAsync(AtomicWrite write)
    {
        var probe = Send(write);
        await probe.ExpectMsgAsync<WriteMessagesSuccessful>(Soon);
        for (var i = 0; i < write.Size; i++)
            await probe.ExpectMsgAsync<WriteMessageSuccess>(Soon);
    }

    private async Task WriteAsync(int from, int to)
    {
        for (var i = from; i <= to; i++)
            await SucceedsAsync(Single(i, new Bound("e-" + i)));
    }

    private async Task DeleteAsync(long to)
    {
        var probe = Probe();
        Journal.Tell(new DeleteMessagesTo(Pid, to, probe.Ref));
        Assert.Equal(to, (await probe.ExpectMsgAsync<DeleteMessagesSuccess>(Soon)).ToSequenceNr);
    }

    private async Task<(List<IPersistentRepresentation> Events, long Highest)> ReplayAsync(long from = 1, long to = long.MaxValue, long max = long.MaxValue, string? pid = null)
    {
        var probe = Probe();
        Journal.Tell(new ReplayMessages(from, to, max, pid ?? Pid, probe.Ref));
        var events = new List<IPersistentRepresentation>();
        while (true)
        {
            switch (await probe.ReceiveOneAsync(Soon))
            {
                case ReplayedMessage m:
                    events.Add(m.Persistent);
                    break;
                case RecoverySuccess s:
                    return (events, s.HighestSequenceNr);
                case ReplayMessagesFailure f:
                    throw new InvalidOperationException("The replay failed.", f.Cause);
                case null:
                    throw new TimeoutException($"The replay stopped after {events.Count} events.");
            }
        }
    }
}
