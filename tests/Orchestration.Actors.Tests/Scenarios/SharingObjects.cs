using System.Collections.Concurrent;
using Akka.Actor;
using Orchestration.Actors.Client;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.SharedObjects;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>Several writers of one object. OpenWhisk's part: an invocation of <c>append</c> runs until the test ends it.</summary>
public sealed class SharingObjects : OrchestrationScenario
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    // Queue budget, cold start and run, grace: so long an activation may run that nobody knows the end of.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60) + 2 * Limit + TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, TaskCompletionSource<InvokeReply>> _held = new();

    public SharingObjects()
    {
        Invoker.TimeLimit = Limit;
        Invoker.OnInvoke = request => _held.GetOrAdd(NameOf(request), _ => new()).Task;
    }

    [Fact]
    public async Task Writers_of_one_object_run_one_at_a_time_in_the_order_of_coming_over_two_orchestrations()
    {
        var (one, two) = (await StartAsync(), await StartAsync());
        var first = MakeAsync(one, Append("a", "b/log"), Append("b", "b/log"));
        await UntilAsync(() => Runs("a"));
        var second = MakeAsync(two, Append("c", "b/log"), Append("free"));
        await UntilAsync(() => Runs("free"));
        var third = MakeAsync(one, Append("d", "b/log"));

        // Whoever does not share the object does not wait, in the same batch.
        Finish("free");
        foreach (var name in "abcd".Select(c => c.ToString()))
        {
            await UntilAsync(() => Runs(name));
            Finish(name);
        }

        foreach (var results in await Task.WhenAll(first, second, third))
            Assert.All(results, r => Assert.True(r.Success));
        Assert.Equal(["a", "b", "c", "d"], Invoker.Invoked.Where(i => !i.Fencing.IsEmpty).Select(NameOf));
        Assert.Equal([1, 2, 3, 4], Invoker.Invoked.SelectMany(i => i.Fencing).Select(f => f.Number));
        Assert.All(Invoker.Invoked.SelectMany(i => i.Fencing), f => Assert.Equal("b/log", f.Object.Value));
    }

    [Fact]
    public async Task Who_waits_for_a_grant_holds_no_slot_and_no_place()
    {
        // The pool and the namespace have two places; ten wait for one object.
        var run = await StartAsync();
        var writing = MakeAsync(run, [.. Enumerable.Range(0, 10).Select(i => Append($"w{i}", "b/log"))]);
        await UntilAsync(() => Runs("w0"));
        Invoker.OnInvoke = r => Task.FromResult(ScriptedInvoker.Succeeded(r.Parameters));
        Assert.All(await MakeAsync(run, [.. Enumerable.Range(0, 5).Select(i => Append($"free{i}"))]), r => Assert.True(r.Success));

        Assert.DoesNotContain(Invoker.Invoked, i => NameOf(i) == "w1");
        Finish("w0");
        Assert.All(await writing, r => Assert.True(r.Success));
        var starts = (await FactsAsync(run.Id)).OfType<AttemptStarted>().Where(s => !s.Fencing.IsEmpty).ToList();
        Assert.Equal(10, starts.Count);
        Assert.All(starts, s => Assert.True(s.WaitedForGrant <= s.Queued));
    }

    [Fact]
    public async Task The_time_of_waiting_for_a_grant_is_told_apart()
    {
        var run = await StartAsync();
        var writing = MakeAsync(run, Append("a", "b/log"), Append("b", "b/log"));
        await UntilAsync(() => Runs("a"));
        Clock.Advance(TimeSpan.FromSeconds(30));
        Finish("a");
        await UntilAsync(() => Runs("b"));
        Finish("b");
        await writing;

        var starts = (await FactsAsync(run.Id)).OfType<AttemptStarted>().ToList();
        Assert.Equal([TimeSpan.Zero, TimeSpan.FromSeconds(30)], starts.Select(s => s.WaitedForGrant));
        Assert.Equal(TimeSpan.FromSeconds(30), starts[1].Queued);
    }

    [Fact]
    public async Task A_retry_after_a_timeout_waits_until_the_first_activation_cannot_run_any_more()
    {
        var run = await StartAsync();
        var policy = Every(TimeSpan.FromSeconds(1)) with { AttemptTimeout = TimeSpan.FromSeconds(5) };
        var started = Clock.Now;
        var writing = Client.MakeActionsAsync(run.Id, Batch("b", policy, Append("a", "b/log")), Soon);
        await UntilAsync(() => Runs("a"));
        Invoker.OnInvoke = r => Task.FromResult(ScriptedInvoker.Succeeded(r.Parameters));
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => writing.IsCompleted);

        Assert.True((await writing)[0].Success);
        var starts = (await FactsAsync(run.Id)).OfType<AttemptStarted>().ToList();
        Assert.Equal([1, 2], starts.SelectMany(s => s.Fencing).Select(f => f.Number));
        Assert.True(starts[1].Time - started >= Longest, $"the retry started after {starts[1].Time - started}");
    }

    [Fact]
    public async Task A_retry_after_a_timeout_starts_as_soon_as_the_first_activation_is_seen_to_have_ended()
    {
        Invoker.OnInvoke = _ => Task.FromResult<InvokeReply>(new InvokeReply.Accepted("a1"));
        var ended = false;
        Invoker.OnLook = id => Task.FromResult(ended ? ScriptedInvoker.Succeeded(JsonBytes.EmptyObject, id) : new InvokeReply.Accepted(id));
        var run = await StartAsync();
        var policy = Every(TimeSpan.FromSeconds(1)) with { AttemptTimeout = TimeSpan.FromSeconds(5) };
        var started = Clock.Now;
        var writing = Client.MakeActionsAsync(run.Id, Batch("b", policy, Append("a", "b/log")), Soon);
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => Clock.Now - started > TimeSpan.FromSeconds(30));
        Assert.Single(Invoker.Invoked);
        Invoker.OnInvoke = r => Task.FromResult(ScriptedInvoker.Succeeded(r.Parameters));
        ended = true;
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => writing.IsCompleted);

        Assert.True((await writing)[0].Success);
        Assert.Equal(2, Invoker.Invoked.Count);
        var second = (await FactsAsync(run.Id)).OfType<AttemptStarted>().Last();
        Assert.True(second.Time - started < Longest, $"the retry started after {second.Time - started}");
    }

    [Fact]
    public async Task A_cancelled_orchestration_leaves_the_line_and_its_running_writer_keeps_the_grant()
    {
        var (one, two, three) = (await StartAsync(), await StartAsync(), await StartAsync());
        var running = MakeAsync(one, Append("a", "b/log"));
        await UntilAsync(() => Runs("a"));
        var waiting = MakeAsync(two, Append("b", "b/log"));
        await UntilAsync(() => InLine("b/log") == 1);
        var last = MakeAsync(three, Append("c", "b/log"));
        await UntilAsync(() => InLine("b/log") == 2);
        await two.CancelAsync("enough", Soon);
        await UntilAsync(() => InLine("b/log") == 1);

        // Nobody knows when its activation ends: a cancel does not end it.
        var cancelled = Clock.Now;
        await one.CancelAsync("enough", Soon);
        await PassUntilAsync(TimeSpan.FromSeconds(5), () => Runs("c"));
        Assert.True(Clock.Now - cancelled >= Longest - TimeSpan.FromSeconds(10), $"granted after {Clock.Now - cancelled}");
        Finish("c");
        Assert.True((await last)[0].Success);
        Assert.DoesNotContain(Invoker.Invoked, i => NameOf(i) == "b");
        await Assert.ThrowsAnyAsync<Exception>(() => running);
        await Assert.ThrowsAnyAsync<Exception>(() => waiting);
    }

    [Fact]
    public async Task An_orchestrator_that_dies_with_a_grant_gets_the_next_one_when_its_lost_activation_cannot_run_any_more()
    {
        var run = await StartAsync();
        var started = Clock.Now;
        var writing = MakeAsync(run, Append("a", "b/log"));
        await UntilAsync(() => Runs("a"));
        await KillOrchestratorAsync();
        Invoker.OnInvoke = r => Task.FromResult(ScriptedInvoker.Succeeded(r.Parameters));
        await PassUntilAsync(TimeSpan.FromSeconds(2), () => Invoker.Invoked.Count == 2);

        Assert.True(Clock.Now - started >= Longest, $"granted after {Clock.Now - started}");
        Assert.Equal([1, 2], Invoker.Invoked.SelectMany(i => i.Fencing).Select(f => f.Number));
        _ = writing.ContinueWith(t => t.Exception, TaskScheduler.Default);
    }

    [Fact]
    public async Task An_orchestrator_that_dies_while_it_waits_keeps_its_place_in_line()
    {
        var run = await StartAsync();
        var writing = MakeAsync(run, Append("a", "b/log"));
        await UntilAsync(() => Runs("a"));
        Invoker.OnLook = id => Task.FromResult<InvokeReply>(new InvokeReply.Accepted(id));
        var waiting = MakeAsync(run, Append("b", "b/log"));
        await UntilAsync(() => InLine("b/log") == 1);
        await KillOrchestratorAsync();
        var other = await StartAsync();
        var last = MakeAsync(other, Append("c", "b/log"));
        Invoker.OnInvoke = r => Task.FromResult(ScriptedInvoker.Succeeded(r.Parameters));
        await PassUntilAsync(TimeSpan.FromSeconds(2), () => Invoker.Invoked.Count == 4);

        // The attempt that the crash interrupted comes behind those who stood in line by then.
        Assert.Equal("b", NameOf(Invoker.Invoked.ElementAt(1)));
        Assert.True((await last)[0].Success);
        _ = Task.WhenAll(writing, waiting).ContinueWith(t => t.Exception, TaskScheduler.Default);
    }

    [Fact]
    public async Task A_mailbox_that_dies_knows_its_line_and_its_grant_again()
    {
        var (one, two) = (await StartAsync(), await StartAsync());
        var first = MakeAsync(one, Append("a", "b/log"));
        await UntilAsync(() => Runs("a"));
        var second = MakeAsync(two, Append("b", "b/log"));
        await UntilAsync(() => InLine("b/log") == 1);
        await KillMailboxAsync();

        // What its holder says meanwhile is held for it, or asked again.
        Finish("a");
        await PassUntilAsync(TimeSpan.FromMilliseconds(200), () => Runs("b"));
        Finish("b");
        Assert.True((await first)[0].Success);
        Assert.True((await second)[0].Success);
        Assert.Equal([1, 2], Invoker.Invoked.SelectMany(i => i.Fencing).Select(f => f.Number));
    }

    [Fact]
    public async Task Two_actions_that_want_the_same_objects_in_other_orders_both_come_to_their_end()
    {
        Invoker.OnInvoke = r => Task.FromResult(ScriptedInvoker.Succeeded(r.Parameters));
        var runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartAsync()));
        var results = await Task.WhenAll(runs.Select((run, i) => MakeAsync(run, [.. Enumerable.Range(0, 10).Select(n =>
            i % 2 == 0 ? Append($"{i}.{n}", "b/x", "b/y", "b/z") : Append($"{i}.{n}", "b/z", "b/x"))])));
        Assert.All(results.SelectMany(r => r), r => Assert.True(r.Success));
        var numbers = Invoker.Invoked.SelectMany(i => i.Fencing).Where(f => f.Object.Value == "b/x").Select(f => f.Number);
        Assert.Equal(Enumerable.Range(1, 40).Select(n => (long)n), numbers.Order());
    }

    [Fact]
    public async Task A_mailbox_leaves_memory_when_nobody_wants_its_object_and_comes_back_with_its_numbers()
    {
        Invoker.OnInvoke = r => Task.FromResult(ScriptedInvoker.Succeeded(r.Parameters));
        var run = await StartAsync();
        await MakeAsync(run, Append("a", "b/log"));
        await PassUntilAsync(TimeSpan.FromSeconds(10), () => Mailboxes().Count == 0);
        await MakeAsync(run, Append("b", "b/log"));

        Assert.Equal([1, 2], Invoker.Invoked.SelectMany(i => i.Fencing).Select(f => f.Number));
    }

    protected override void Options(OrchestrationOptions options)
    {
        options.PoolSize = 2;
        options.MaxInFlight = 2;
    }

    private static ActionSpec Append(string name, params string[] writes) =>
        new("append", JsonBytes.Parse($$"""{"name":"{{name}}"}""")) { Writes = [.. writes.Select(ObjectKey.Parse)] };

    private static string NameOf(InvokeRequest request)
    {
        using var document = request.Parameters.ToDocument();
        return document.RootElement.GetProperty("name").GetString()!;
    }

    private static Task<IReadOnlyList<Core.Pipelines.ActionResult>> MakeAsync(OrchestrationHandle run, params ActionSpec[] actions) =>
        run.MakeActionsAsync(actions, cancellation: Soon);

    private bool Runs(string name) => Invoker.Invoked.Any(i => NameOf(i) == name);

    private void Finish(string name) => _held[name].SetResult(ScriptedInvoker.Succeeded(JsonBytes.EmptyObject));

    private IReadOnlyCollection<IActorRef> Mailboxes() =>
        [.. ((ActorRefWithCell)Sys.ActorSelection("/user/orchestration/objects").ResolveOne(Patience).Result).Children];

    /// <summary>How many stand in line behind the holder, by what the mailbox has stored.</summary>
    private int InLine(string key)
    {
        var rows = new List<WriteCommit>();
        var done = new TaskCompletionSource();
        var journal = Akka.Persistence.Persistence.Instance.Apply(Sys).JournalFor("");
        var id = Actors.SharedObjects.MailboxNames.Of(Here.ObjectStore, ObjectKey.Parse(key));
        var reader = Sys.ActorOf(Props.Create(() => new RowReader(journal, id, rows, done)));
        Assert.True(done.Task.Wait(Patience), "the journal did not answer");
        Sys.Stop(reader);
        return rows.Aggregate(WriteQueueState.Empty, WriteFold.Apply).Waiting.Count;
    }

    private async Task KillMailboxAsync()
    {
        var mailbox = Mailboxes().Single();
        await WatchAsync(mailbox);
        mailbox.Tell(Kill.Instance);
        await ExpectTerminatedAsync(mailbox, Patience);
    }

    private sealed class RowReader : UntypedActor
    {
        private readonly List<WriteCommit> _rows;
        private readonly TaskCompletionSource _done;

        public RowReader(IActorRef journal, string id, List<WriteCommit> rows, TaskCompletionSource done)
        {
            (_rows, _done) = (rows, done);
            journal.Tell(new Akka.Persistence.ReplayMessages(1, long.MaxValue, long.MaxValue, id, Self));
        }

        protected override void OnReceive(object message)
        {
            if (message is Akka.Persistence.ReplayedMessage replayed)
                _rows.Add((WriteCommit)replayed.Persistent.Payload);
            else
                _done.TrySetResult();
        }
    }
}
