using MongoDB.Bson;
using Orchestration.Core.Identity;
using Orchestration.Core.Ports;
using Orchestration.Core.State;

namespace Orchestration.Persistence.MongoDb.Leases;

/// <summary>Leases as documents: <c>_id</c> is the orchestration's id as text, <c>renewed</c> the server's time, everything else is named as in <see cref="LeaseHolder"/>.</summary>
internal static class LeaseDocuments
{
    public const string Id = "_id";

    /// <summary>Names the holder; null when the lease was given back.</summary>
    public const string Process = "process";

    /// <summary>When the lease was renewed, by the server's clock.</summary>
    public const string Renewed = "renewed";

    /// <summary>How long it lives after that, in milliseconds.</summary>
    public const string Duration = "duration";

    private const string Host = "host";
    private const string Pid = "pid";
    private const string Since = "since";
    private const string Machine = "machine";
    private const string SleepsUntil = "sleepsUntil";
    private const string Quarantine = "quarantine";

    /// <summary>The members that a new holder sets: it has the orchestration awake.</summary>
    public static BsonDocument Taken(LeaseHolder holder, TimeSpan duration) => new BsonDocument
    {
        { Process, holder.Process },
        { Host, holder.Host },
        { Pid, holder.Pid },
        { Since, holder.Since.UtcDateTime },
        { Machine, holder.Machine },
        { Duration, (long)duration.TotalMilliseconds },
    }.AddRange(Noted(new IndexEntry(null, null)));

    /// <summary>The members that say what holds for an orchestration.</summary>
    public static BsonDocument Noted(IndexEntry entry) => new()
    {
        { SleepsUntil, entry.SleepsUntil is { } until ? new BsonDateTime(until.ToUnixTimeMilliseconds()) : BsonNull.Value },
        { Quarantine, entry.Quarantine is { } reason ? new BsonString(reason) : BsonNull.Value },
    };

    /// <summary>Reads a lease.</summary>
    /// <param name="document">The document.</param>
    /// <param name="serverTime">The server's time.</param>
    /// <param name="self">The process that asks.</param>
    public static Lease Read(BsonDocument document, DateTimeOffset serverTime, LeaseHolder self)
    {
        var holder = document[Process].IsBsonNull
            ? null
            : new LeaseHolder(document[Process].AsString, document[Host].AsString, document[Pid].ToInt32(), document[Since].ToUniversalTime(), document[Machine].AsString);
        var until = new DateTimeOffset(document[Renewed].ToUniversalTime()).AddMilliseconds(document[Duration].ToInt64());
        var sleeps = document[SleepsUntil].IsBsonNull ? (DateTimeOffset?)null : DateTimeOffset.FromUnixTimeMilliseconds(document[SleepsUntil].AsBsonDateTime.MillisecondsSinceEpoch);
        return new Lease(
            OrchestrationId.Parse(document[Id].AsString),
            holder,
            until,
            holder is not null && until > serverTime && (holder.Process == self.Process || !LocalProcess.IsGone(holder, self.Machine)),
            holder?.Process == self.Process,
            new IndexEntry(sleeps, document[Quarantine].IsBsonNull ? null : document[Quarantine].AsString));
    }
}
