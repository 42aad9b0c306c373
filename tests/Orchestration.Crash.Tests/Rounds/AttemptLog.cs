using Orchestration.Core.Facts;
using Orchestration.Core.Identity;

namespace Orchestration.Crash.Tests.Rounds;

/// <summary>Names an attempt within its orchestration.</summary>
internal readonly record struct AttemptName(int Batch, int Index, int Number)
{
    public override string ToString() => $"batch {Batch}, action {Index}, attempt {Number}";
}

/// <summary>What is stored of one attempt.</summary>
internal sealed record AttemptView(AttemptName Name, ActionId ActionId, DateTimeOffset StartedAt)
{
    /// <summary>The id that was stored before its end; null when it was not known.</summary>
    public string? AcceptedId { get; set; }

    /// <summary>How it ended; both null while it runs.</summary>
    public AttemptSucceeded? Success { get; set; }

    public AttemptFailed? Failure { get; set; }

    public bool IsRunning => Success is null && Failure is null;

    /// <summary>The activation that ended it; null when none did.</summary>
    public string? EndedBy => Success?.ActivationId ?? Failure?.ActivationId;
}

/// <summary>The attempts of a run as its facts tell them. Reads the facts by itself: the product's own state is what is tested.</summary>
internal sealed class AttemptLog
{
    private readonly Dictionary<AttemptName, AttemptView> _attempts = [];

    public AttemptLog(IEnumerable<StoredCommit> commits)
    {
        foreach (var fact in commits.SelectMany(c => c.Commit.Facts))
            Add(fact);
    }

    public IReadOnlyCollection<AttemptView> All => _attempts.Values;

    /// <summary>How many processes have worked on it.</summary>
    public int Owners { get; private set; }

    /// <summary>Actions that have succeeded in the latest of these.</summary>
    public int SuccessesOfOwner { get; private set; }

    public bool Ended { get; private set; }

    public IEnumerable<AttemptView> Running => All.Where(a => a.IsRunning);

    public IEnumerable<AttemptView> Awaited => Running.Where(a => a.AcceptedId is not null);

    public IEnumerable<AttemptView> Unanswered => Running.Where(a => a.AcceptedId is null);

    public AttemptView? Find(AttemptName name) => _attempts.GetValueOrDefault(name);

    private void Add(Fact fact)
    {
        switch (fact)
        {
            case Resumed:
                (Owners, SuccessesOfOwner) = (Owners + 1, 0);
                break;
            case AttemptStarted f:
                var started = new AttemptName(f.Batch, f.Index, f.Attempt);
                _attempts.TryAdd(started, new AttemptView(started, f.ActionId, f.Time));
                break;
            case ActivationAccepted f when Find(new AttemptName(f.Batch, f.Index, f.Attempt)) is { } attempt:
                attempt.AcceptedId ??= f.ActivationId;
                break;
            case AttemptSucceeded f when Find(new AttemptName(f.Batch, f.Index, f.Attempt)) is { } attempt:
                attempt.Success ??= f;
                SuccessesOfOwner++;
                break;
            case AttemptFailed f when Find(new AttemptName(f.Batch, f.Index, f.Attempt)) is { } attempt:
                attempt.Failure ??= f;
                break;
            case OrchestrationCompleted or OrchestrationFailed or OrchestrationCancelled:
                Ended = true;
                break;
        }
    }
}
