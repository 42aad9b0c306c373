using MongoDB.Bson;
using MongoDB.Driver;
using Orchestration.Core.Identity;
using Orchestration.Core.Ports;
using Orchestration.Core.State;
using Orchestration.Persistence.MongoDb.Leases;
using Orchestration.Tests.Services;

namespace Orchestration.Persistence.MongoDb.Tests.Leases;

/// <summary>Leases of two processes, of which one may be on another machine; the server's clock is what counts.</summary>
public sealed class MongoDbLeaseStoreTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(100);
    private static readonly OrchestrationId Id = OrchestrationId.Parse("0123456789abcdef01234567");
    private static readonly LeaseHolder Elsewhere = new("elsewhere", "web-1", 4711, new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero), "another machine");

    private readonly MongoConnection _connection;
    private readonly MongoDbLeaseStore _here;

    public MongoDbLeaseStoreTests(SharedMongo mongo)
    {
        _connection = MongoConnection.Of(mongo.Server.NewDatabase());
        _here = new MongoDbLeaseStore(_connection, Long);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_live_lease_is_another_processs_until_it_runs_out()
    {
        var there = Of(Elsewhere, Short);
        Assert.True((await there.AcquireAsync(Id, false, Token)).IsOurs);
        var refused = await Of(Elsewhere with { Process = "third", Machine = "a third machine" }, Long).AcquireAsync(Id, false, Token);
        // The short lease may be over by now on a slow machine; then it is the third one's.
        Assert.True(refused.IsOurs || refused.Holder == Elsewhere);

        await UntilAsync(async () => (await _here.AcquireAsync(Id, refused.IsOurs, Token)).IsOurs);
        Assert.False((await there.AcquireAsync(Id, false, Token)).IsOurs);
        Assert.DoesNotContain(Id, await there.RenewAsync(Token));
        Assert.Contains(Id, await _here.RenewAsync(Token));
    }

    [Fact]
    public async Task Whoever_asks_is_told_who_has_it_and_until_when()
    {
        await Of(Elsewhere, Long).AcquireAsync(Id, false, Token);

        var lease = await _here.AcquireAsync(Id, false, Token);
        Assert.Equal((false, true, Elsewhere), (lease.IsOurs, lease.IsLive, lease.Holder));
        Assert.Matches("^owned by web-1, pid 4711, until [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} UTC$", lease.ToString());
        Assert.Equal(lease, await _here.FindAsync(Id, Token));
        Assert.Equal([lease], await _here.ListAsync(Token));
    }

    [Fact]
    public async Task Renewing_keeps_a_lease_and_moves_its_end()
    {
        var first = await _here.AcquireAsync(Id, false, Token);
        await UntilAsync(async () =>
        {
            await _here.RenewAsync(Token);
            return (await _here.FindAsync(Id, Token))!.Until > first.Until;
        });
    }

    [Fact]
    public async Task Who_takes_over_has_it_and_the_other_one_notices()
    {
        var there = Of(Elsewhere, Long);
        await there.AcquireAsync(Id, false, Token);

        Assert.True((await _here.AcquireAsync(Id, true, Token)).IsOurs);
        Assert.Empty(await there.RenewAsync(Token));
        await there.NoteAsync(Id, new IndexEntry(null, "of the loser"), Token);
        await there.RemoveAsync(Id, Token);
        await there.ReleaseAsync(null, Token);
        Assert.Equal((true, new IndexEntry(null, null)), ((await _here.FindAsync(Id, Token))!.IsOurs, (await _here.FindAsync(Id, Token))!.Entry));
    }

    [Fact]
    public async Task Of_many_who_find_a_lease_free_one_gets_it()
    {
        for (var round = 0; round < 20; round++)
        {
            var id = OrchestrationId.Parse($"{round:x24}");
            var all = Enumerable.Range(0, 8).Select(i => Of(Elsewhere with { Process = $"{round} {i}", Machine = $"machine {i}" }, Long)).ToList();
            var leases = await Task.WhenAll(all.Select(s => s.AcquireAsync(id, false, Token)));
            Assert.Single(leases, l => l.IsOurs);
            Assert.Single(leases.Select(l => l.Holder).Distinct());
        }
    }

    [Fact]
    public async Task A_process_of_this_machine_that_is_gone_holds_nothing()
    {
        var self = LocalProcess.Holder();
        var gone = self with { Process = "gone", Since = self.Since.AddHours(-1) };
        Assert.SkipWhen(self.Machine.Length == 0, "this system has no name for its space of process ids");
        await Of(gone, Long).AcquireAsync(Id, false, Token);
        Assert.True((await _here.AcquireAsync(Id, false, Token)).IsOurs);

        // The same process, as another instance, lives.
        Assert.False((await Of(self with { Process = "alive" }, Long).AcquireAsync(Id, false, Token)).IsOurs);
    }

    [Fact]
    public async Task What_is_given_back_or_in_quarantine_may_be_taken_and_what_has_ended_is_gone()
    {
        var there = Of(Elsewhere, Long);
        await there.AcquireAsync(Id, false, Token);
        await there.NoteAsync(Id, new IndexEntry(DateTimeOffset.MaxValue, null), Token);
        Assert.Equal(9999, (await _here.FindAsync(Id, Token))!.Entry.SleepsUntil!.Value.Year);
        await there.NoteAsync(Id, new IndexEntry(null, "broken"), Token);
        Assert.Equal((null, false, "broken"), (await _here.FindAsync(Id, Token) is var l ? (l!.Holder, l.IsLive, l.Entry.Quarantine) : default));

        var taken = await _here.AcquireAsync(Id, false, Token);
        Assert.Equal((true, new IndexEntry(null, null)), (taken.IsOurs, taken.Entry));
        await _here.ReleaseAsync(Id, Token);
        Assert.True((await there.AcquireAsync(Id, false, Token)).IsOurs);
        await there.RemoveAsync(Id, Token);
        Assert.Null(await _here.FindAsync(Id, Token));
        Assert.Empty(await _here.ListAsync(Token));
    }

    [Fact]
    public async Task The_document_is_readable_by_people_and_has_the_servers_time()
    {
        await Of(Elsewhere, Long).AcquireAsync(Id, false, Token);

        var document = await _connection.Database.GetCollection<BsonDocument>(MongoDbLeaseStore.DefaultCollection).Find(new BsonDocument()).SingleAsync(Token);
        Assert.Equal(BsonType.DateTime, document["renewed"].BsonType);
        Assert.True((DateTime.UtcNow - document["renewed"].ToUniversalTime()).Duration() < Long);
        document.Remove("renewed");
        Assert.Equal(
            BsonDocument.Parse($$"""
            {
              _id: "{{Id}}", process: "elsewhere", host: "web-1", pid: 4711, since: ISODate("2026-03-04T05:06:07Z"), machine: "another machine",
              duration: NumberLong(300000), sleepsUntil: null, quarantine: null
            }
            """),
            new BsonDocument(document.OrderBy(e => Array.IndexOf(["_id", "process", "host", "pid", "since", "machine", "duration", "sleepsUntil", "quarantine"], e.Name))));
    }

    private MongoDbLeaseStore Of(LeaseHolder holder, TimeSpan duration) => new(_connection, duration, MongoDbLeaseStore.DefaultCollection, true, holder);

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
            await timer.WaitForNextTickAsync(Token);
    }
}
