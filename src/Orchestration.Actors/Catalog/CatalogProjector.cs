using Akka.Actor;
using Akka.Event;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Journal;
using Orchestration.Actors.Protocol;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Ports;

namespace Orchestration.Actors.Catalog;

/// <summary>
/// Brings stored rows into the catalog: gathers them, hands them over in one go, and repeats until that is acknowledged. Nothing waits for it but itself;
/// rows that it missed, or had to let go while the catalog was down, are read again from the journal.
/// </summary>
#pragma warning disable CA1001 // An actor's resources end in PostStop.
internal sealed class CatalogProjector : UntypedActor, IWithTimers
#pragma warning restore CA1001
{
    private const string FlushTimer = "flush";
    private const int MaxIdleFeeds = 10_000;
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly ICatalog _catalog;
    private readonly JournalReader _journal;
    private readonly OrchestrationSettings _settings;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<OrchestrationId, Feed> _feeds = [];
    private readonly List<(IActorRef Asker, Dictionary<OrchestrationId, long> Behind)> _everyone = [];
    private int _gathered;
    private bool _applying;
    private bool _down;

    public CatalogProjector(ICatalog catalog, JournalReader journal, OrchestrationSettings settings) =>
        (_catalog, _journal, _settings) = (catalog, journal, settings);

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ICatalog catalog, JournalReader journal, OrchestrationSettings settings) =>
        Akka.Actor.Props.Create(() => new CatalogProjector(catalog, journal, settings));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case CatalogProtocol.Stored stored:
                Take(FeedOf(stored.Id), stored.Row);
                Schedule();
                break;
            case CatalogProtocol.CatchUp catchUp:
                FeedOf(catchUp.Id).Asked.Add((Sender, catchUp.SequenceNr));
                FeedOf(catchUp.Id).Stored = Math.Max(FeedOf(catchUp.Id).Stored, catchUp.SequenceNr);
                Schedule();
                break;
            case CatalogProtocol.CatchUpAll:
                _everyone.Add((Sender, _feeds.Where(f => f.Value.Stored > (f.Value.Cursor ?? 0)).ToDictionary(f => f.Key, f => f.Value.Stored)));
                AnswerEveryone();
                Schedule();
                break;
            case Flush:
                Apply();
                break;
            case Applied applied:
                OnApplied(applied);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void PostStop()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private Feed FeedOf(OrchestrationId id)
    {
        if (!_feeds.TryGetValue(id, out var feed))
            _feeds.Add(id, feed = new Feed());
        return feed;
    }

    private void Take(Feed feed, StoredCommit row)
    {
        feed.Stored = Math.Max(feed.Stored, row.SequenceNr);

        // Memory stays bounded while the catalog is slow: what is let go here is read from the journal later. So is a row that never came,
        // because its orchestrator died between storing and telling.
        var gap = feed.Rows.Count > 0 && row.SequenceNr != feed.Rows[^1].SequenceNr + 1;
        if (feed.Behind || gap || _gathered >= 10 * _settings.CatalogMaxRows)
        {
            _gathered -= feed.Rows.Sum(Weight);
            feed.Rows.Clear();
            feed.Behind = true;
            return;
        }

        feed.Rows.Add(row);
        _gathered += Weight(row);
    }

    private void Schedule()
    {
        if (_applying)
            return;
        if ((_gathered >= _settings.CatalogMaxRows || _everyone.Count > 0) && !_down)
            Apply();
        else if (!Timers.IsTimerActive(FlushTimer))
            Timers.StartSingleTimer(FlushTimer, new Flush(), _down ? RetryPause : _settings.CatalogInterval);
    }

    private void Apply()
    {
        if (_applying || _feeds.Count == 0)
            return;
        _applying = true;
        Timers.Cancel(FlushTimer);
        var work = _feeds.Where(f => f.Value.HasWork).Select(f => new Work(f.Key, f.Value.Cursor, f.Value.Stored, [.. f.Value.Rows])).ToArray();
        ApplyAsync(work).PipeTo(Self, failure: e => new Applied(work, e));
    }

    private async Task<Applied> ApplyAsync(Work[] work)
    {
        var batches = new List<CatalogBatch>(work.Length);
        foreach (var item in work)
        {
            // Rows up to the cursor are passed over by the catalog, so an orchestration's first row joins without asking.
            var cursor = item.Cursor ?? (item.Rows is [{ SequenceNr: 1 }, ..] ? 0 : await _catalog.GetCursorAsync(item.Id, _stopping.Token));
            var joins = item.Rows.Length > 0 && item.Rows[0].SequenceNr <= cursor + 1 && item.Rows[^1].SequenceNr == item.Stored;
            if (joins)
                batches.Add(new CatalogBatch(item.Id, item.Rows));
            else if (item.Stored > cursor)
                await CatchUpAsync(item, cursor);
        }

        if (batches.Count > 0)
            await _catalog.ApplyAsync(batches, _stopping.Token);
        return new Applied(work, null);
    }

    private async Task CatchUpAsync(Work item, long cursor)
    {
        var page = new List<StoredCommit>();
        await foreach (var row in _journal.ReadAsync(item.Id, cursor + 1, item.Stored, _stopping.Token))
        {
            page.Add(row);
            if (page.Count < _settings.CatalogMaxRows)
                continue;
            await _catalog.ApplyAsync([new CatalogBatch(item.Id, page)], _stopping.Token);
            page = [];
        }

        if (page.Count > 0)
            await _catalog.ApplyAsync([new CatalogBatch(item.Id, page)], _stopping.Token);
    }

    private void OnApplied(Applied applied)
    {
        _applying = false;
        if (applied.Failure is { } failure)
        {
            if (!_down)
                _log.Warning("The catalog cannot be written ({0}); orchestrations go on, it catches up when it can.", failure.Message);
            _down = true;
            foreach (var item in applied.Work)
                _feeds[item.Id].Cursor = null;
            Schedule();
            return;
        }

        if (_down)
            _log.Info("The catalog can be written again.");
        _down = false;
        foreach (var item in applied.Work)
            Advance(item);
        AnswerEveryone();
        if (_feeds.Values.Any(f => f.HasWork))
            Schedule();
    }

    private void Advance(Work item)
    {
        var feed = _feeds[item.Id];
        feed.Cursor = Math.Max(feed.Cursor ?? 0, item.Stored);
        feed.Behind = feed.Behind && feed.Stored > feed.Cursor;
        _gathered -= feed.Rows.Where(r => r.SequenceNr <= feed.Cursor).Sum(Weight);
        feed.Rows.RemoveAll(r => r.SequenceNr <= feed.Cursor);
        var answered = feed.Asked.RemoveAll(asked =>
        {
            if (asked.SequenceNr > feed.Cursor)
                return false;
            asked.Asker.Tell(new CatalogProtocol.CaughtUp(item.Id, feed.Cursor.Value));
            return true;
        });

        // Who asked has ended; of others the cursor is kept for their next row, unless there are too many of them.
        if (feed.Rows.Count == 0 && feed.Stored <= feed.Cursor && (answered > 0 || _feeds.Count > MaxIdleFeeds))
            _feeds.Remove(item.Id);
    }

    private void AnswerEveryone() => _everyone.RemoveAll(waiting =>
    {
        if (waiting.Behind.Any(b => _feeds.TryGetValue(b.Key, out var feed) && (feed.Cursor ?? 0) < b.Value))
            return false;
        waiting.Asker.Tell(new CatalogProtocol.AllCaughtUp());
        return true;
    });

    // A row counts once for each 10 KB, so that few large rows take no more memory than many small ones.
    private static int Weight(StoredCommit row) => 1 + row.Commit.Facts.Sum(FactSize.Of) / 10_000;

    /// <summary>What is known of one orchestration's rows.</summary>
    private sealed class Feed
    {
        /// <summary>How far the catalog is; null when that must be asked.</summary>
        public long? Cursor { get; set; }

        /// <summary>How far the journal is.</summary>
        public long Stored { get; set; }

        /// <summary>Whether rows were let go and must be read from the journal.</summary>
        public bool Behind { get; set; }

        public bool HasWork => Rows.Count > 0 || Asked.Count > 0 || Stored > (Cursor ?? 0);

        public List<StoredCommit> Rows { get; } = [];

        public List<(IActorRef Asker, long SequenceNr)> Asked { get; } = [];
    }

    private sealed record Work(OrchestrationId Id, long? Cursor, long Stored, StoredCommit[] Rows);

    private sealed record Flush : ILocalMessage;

    private sealed record Applied(Work[] Work, Exception? Failure) : ILocalMessage;
}
