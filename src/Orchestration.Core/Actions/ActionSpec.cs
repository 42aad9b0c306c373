using System.Collections.Immutable;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Recovery;
using Orchestration.Core.Retries;

namespace Orchestration.Core.Actions;

/// <summary>One action to run: what <c>prepare action(name, parameters)</c> makes.</summary>
/// <param name="Name">The action's name on OpenWhisk: <c>name</c>, <c>package/name</c> or <c>/namespace/package/name</c>.</param>
/// <param name="Parameters">A JSON object; members named <c>context</c> and <c>__orchestration</c> are refused.</param>
public sealed record ActionSpec(string Name, JsonBytes Parameters)
{
    /// <summary>Objects the action says it will read.</summary>
    public ImmutableArray<ObjectKey> Reads { get; init; } = [];

    /// <summary>Objects that it writes together with other actions: an attempt starts when it has been granted each of them. Others need not be named.</summary>
    public ImmutableArray<ObjectKey> Writes { get; init; } = [];

    /// <summary>How this action is retried; null takes the batch's policy.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>Where the parameters refer to secrets, in the order of their places; values are put in at the POST and stored nowhere.</summary>
    public ImmutableArray<SecretReference> Secrets { get; init; } = [];

    /// <summary>Which earlier action this is a re-run of; null when it is an action of its own.</summary>
    public RecoveryJob? Job { get; init; }

    /// <summary>Whether nothing is invoked: the action has succeeded when the objects that it reads are there.</summary>
    public bool IsCheck { get; init; }

    /// <inheritdoc />
    public bool Equals(ActionSpec? other) => other is not null && Name == other.Name && Parameters == other.Parameters
        && Reads.SequenceEqual(other.Reads) && Writes.SequenceEqual(other.Writes) && Equals(Retry, other.Retry) && Secrets.SequenceEqual(other.Secrets)
        && Equals(Job, other.Job) && IsCheck == other.IsCheck;

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Name, Parameters, Retry);
}

/// <summary>Whether the objects that a batch writes have one writer each or several: the old system's <c>object_ownership</c>.</summary>
public enum Writers
{
    /// <summary>Each object is written by one action (<c>object_ownership=True</c>).</summary>
    Single,

    /// <summary>Several actions write one object, one after another (<c>object_ownership=False</c>).</summary>
    Shared,
}

/// <summary>How a batch of actions runs.</summary>
/// <param name="Parallelism">At most this many actions of the batch run at once; null leaves it to the namespace's limit and the pool.</param>
/// <param name="Retry">How failed actions are retried.</param>
/// <param name="Writers">Whether objects have one writer or several. Stored with the batch.</param>
public sealed record BatchOptions(int? Parallelism, RetryPolicy Retry, Writers Writers)
{
    /// <summary>No bound of its own, the default retry policy, one writer per object.</summary>
    public static BatchOptions Default { get; } = new(null, RetryPolicy.Default, Writers.Single);

    /// <summary>Whether the first action that fails for good ends the batch: attempts under way come to their end, and nothing further starts. Default: false.</summary>
    public bool FailFast { get; init; }

    /// <summary>How long the batch with all its retries may take from its sealing on; null for no bound.</summary>
    public TimeSpan? Timeout { get; init; }
}

/// <summary>Actions that belong together: started together, results in their order.</summary>
/// <param name="Key">Names the batch within its orchestration, so that submitting it twice runs it once; null takes the next number.</param>
/// <param name="Actions">The actions, in the order of their results.</param>
/// <param name="Options">How they run.</param>
public sealed record BatchSpec(string? Key, ImmutableArray<ActionSpec> Actions, BatchOptions Options)
{
    /// <summary>What of the object store the actions were made from; null when nothing was. Stored with the batch and no part of its hash.</summary>
    public ItemSource? Source { get; init; }
}
