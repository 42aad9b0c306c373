using CsCheck;
using Orchestration.Core.Decisions;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Serialization;
using Orchestration.Core.SharedObjects;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.SharedObjects;

public class WriteQueueTests
{
    private static readonly ObjectKey Key = ObjectKey.Parse("b/log");

    private static readonly WriteQueue Queue = new(TimeSpan.FromSeconds(60), 5);

    [Fact]
    public void A_mailbox_does_what_a_list_would_and_its_stored_facts_give_its_state_again() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 7], Gen.Int[0, 90]).Array[0, 150].Sample(
            steps =>
            {
                var (state, line, numbers, done) = (WriteQueueState.Empty, new List<WriteTicket>(), 0L, new List<ActionId>());
                var log = new List<WriteCommit>();
                var now = Given.T0;
                foreach (var (op, who, seconds) in steps)
                {
                    now += TimeSpan.FromSeconds(seconds / 10.0);
                    var ticket = Ticket(who);
                    var holds = line.Count > 0 && line[0] == ticket;
                    var before = line.FirstOrDefault();
                    WriteCommand command;
                    switch (op)
                    {
                        case < 6:
                            command = new WriteCommand.Acquire(now, Request(who), Key, "file:store");
                            if (!line.Contains(ticket) && line.Count - 1 < Queue.MaxWaiting)
                                line.Add(ticket);
                            break;
                        case < 9:
                            command = new WriteCommand.Release(now, ticket, Wrote: op == 8);
                            if (holds && op == 8 && !done.Contains(Request(who).Action))
                                done.Add(Request(who).Action);
                            line.Remove(ticket);
                            break;
                        default:
                            command = new WriteCommand.Extend(now, ticket, now + TimeSpan.FromSeconds(seconds - 45), null, false);
                            if (holds && seconds <= 45)
                                line.RemoveAt(0);
                            break;
                    }

                    var facts = Queue.Decide(state, command);
                    if (!facts.IsEmpty)
                        log.Add(WriteJson.ReadCommit(WriteJson.Write(new WriteCommit(facts))));
                    foreach (var fact in facts)
                        state = WriteFold.Apply(state, fact);
                    if (line.Count > 0 && line[0] != before)
                        numbers++;
                    Assert.Equal(line, state.Lease is null ? [] : [state.Lease.Request.Ticket, .. state.Waiting.Values.Select(w => w.Ticket)]);
                    Assert.True(state.Lease is not null || state.Waiting.IsEmpty);
                    Assert.Equal(numbers, state.LastNumber);
                    Assert.True(state.Lease is null || state.Lease.Number == state.LastNumber);
                    Assert.Equal(done, state.History.Select(h => h.Action));
                }

                var text = WriteJson.Write(state);
                Assert.Equal(text, WriteJson.Write(log.Aggregate(WriteQueueState.Empty, WriteFold.Apply)));
                Assert.Equal(text, WriteJson.Write(WriteJson.ReadState(text)));
            },
            iter: 2000);

    [Fact]
    public void Whoever_wants_any_objects_gets_them_and_no_object_has_two_writers() =>
        Gen.Select(Gen.Int[0, 5].Array[1, 6].Array[1, 12], Gen.Int[0, 1_000_000].Array[300]).Sample(
            (sets, choices) =>
            {
                var mailboxes = Enumerable.Range(0, 6).ToDictionary(i => ObjectKey.Parse($"b/o{i}"), _ => WriteQueueState.Empty);
                var wishes = sets.Select((set, i) => WriteWish.For(Ticket(i).Attempt, set.Select(o => ObjectKey.Parse($"b/o{o}")))).ToArray();
                var queue = new WriteQueue(TimeSpan.FromSeconds(60), 100);
                var (asked, running, ended, choice) = (new HashSet<(int, ObjectKey)>(), new HashSet<int>(), new HashSet<int>(), 0);

                // Whoever can do something does it, in an order that is drawn; as long as anybody has not ended, somebody can.
                while (ended.Count < wishes.Length)
                {
                    var able = Enumerable.Range(0, wishes.Length).Where(i => !ended.Contains(i)
                        && (running.Contains(i) || wishes[i].Next is not { } next || !asked.Contains((i, next)) || Holder(next) == i)).ToList();
                    Assert.NotEmpty(able);
                    var who = able[choices[choice++ % choices.Length] % able.Count];
                    if (running.Contains(who))
                    {
                        foreach (var grant in wishes[who].Granted)
                            Tell(grant.Object, new WriteCommand.Release(Given.T0, Ticket(who), true));
                        running.Remove(who);
                        ended.Add(who);
                    }
                    else if (wishes[who].Next is not { } next)
                    {
                        Assert.All(running, other => Assert.Empty(wishes[other].Objects.Intersect(wishes[who].Objects)));
                        running.Add(who);
                    }
                    else if (asked.Add((who, next)))
                    {
                        Tell(next, new WriteCommand.Acquire(Given.T0, Request(who), next, ""));
                    }
                    else
                    {
                        wishes[who] = wishes[who].With(new FencingNumber(next, mailboxes[next].Lease!.Number), Given.T0);
                    }
                }

                Assert.All(mailboxes.Values, m => Assert.True(m.IsIdle));

                int Holder(ObjectKey key) => mailboxes[key].Lease?.Request.Ticket.Attempt.Index ?? -1;

                void Tell(ObjectKey key, WriteCommand command) =>
                    mailboxes[key] = queue.Decide(mailboxes[key], command).Aggregate(mailboxes[key], WriteFold.Apply);
            },
            iter: 2000);

    [Fact]
    public void The_order_of_writers_is_that_of_the_first_time_and_is_bounded()
    {
        var state = WriteQueueState.Empty;
        foreach (var who in Enumerable.Range(0, WriteFold.MaxHistory + 2).Concat([7, 5]))
        {
            foreach (var command in new WriteCommand[] { new WriteCommand.Acquire(Given.T0, Request(who), Key, ""), new WriteCommand.Release(Given.T0, Ticket(who), true) })
                state = Queue.Decide(state, command).Aggregate(state, WriteFold.Apply);
        }

        Assert.Equal((WriteFold.MaxHistory, 2), (state.History.Count, state.Forgotten));
        Assert.Equal(Enumerable.Range(2, 8).Select(i => Request(i).Action), state.History.Take(8).Select(h => h.Action));
        Assert.Equal(WriteFold.MaxHistory + 4, state.LastNumber);
    }

    [Fact]
    public void What_a_newer_version_wrote_is_refused_with_a_message()
    {
        var newer = System.Text.Encoding.UTF8.GetBytes("""{"v":2,"facts":[]}""");
        Assert.Contains("upgrade", Assert.Throws<FormatException>(() => WriteJson.ReadCommit(newer)).Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => WriteJson.ReadState(new byte[] { 1 }));
    }

    private static WriteTicket Ticket(int who) => new(Given.Id, new AttemptRef(0, who, 1));

    private static WriteRequest Request(int who) => new(Ticket(who), Given.FirstId.Plus(who), "append");
}
