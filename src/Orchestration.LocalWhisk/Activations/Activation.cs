using Orchestration.LocalWhisk.Actions;
using Orchestration.LocalWhisk.Compositions;

namespace Orchestration.LocalWhisk.Activations;

/// <summary>One accepted call of an action.</summary>
internal sealed class Activation(ResolvedAction resolved, byte[] arguments, string transactionId, long received)
{
    private readonly TaskCompletionSource<CompletedActivation> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Guid Id { get; } = Guid.NewGuid();

    public WhiskAction Action { get; } = resolved.Action;

    /// <summary>The action with what it inherits.</summary>
    public ResolvedAction Resolved { get; } = resolved;

    /// <summary>The sequence or composition that runs it; null for a call from outside.</summary>
    public Activation? Cause { get; init; }

    /// <summary>The composition in memory that it belongs to, or is the begin of; null for an action with code that was called from outside.</summary>
    public Composition? Within { get; init; }

    /// <summary>Whether its action is run as code even where it is a conductor: a composition calls its conductor so.</summary>
    public bool IsStep { get; init; }

    /// <summary>Whether it runs other actions rather than code.</summary>
    public bool IsComposition => Action.IsSequence || (Action.IsConductor && !IsStep);

    /// <summary>The JSON object that the action is called with; empty once it has been.</summary>
    public byte[] Arguments { get; private set; } = arguments;

    public string TransactionId { get; } = transactionId;

    /// <summary>Epoch milliseconds of the request's arrival.</summary>
    public long Received { get; } = received;

    public string IdText => TextOf(Id);

    /// <summary>Ends with the outcome, before logs and record; cancelled when the server stops first.</summary>
    public Task<CompletedActivation> Completion => _completion.Task;

    public static string TextOf(Guid id) => id.ToString("N");

    public void Complete(CompletedActivation completed)
    {
        Arguments = [];
        _completion.TrySetResult(completed);
    }

    public void Abandon() => _completion.TrySetCanceled();
}

/// <summary>An activation with its end; all that a record says but the logs.</summary>
/// <param name="Activation">The call.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Start">Epoch ms: begin of the run minus the time of initialisation.</param>
/// <param name="End">Epoch ms.</param>
/// <param name="WaitTime">Ms from the request's arrival to a process being ready for it.</param>
/// <param name="InitTime">Ms of initialisation; null where a warm process was used.</param>
internal sealed record CompletedActivation(Activation Activation, Outcome Outcome, long Start, long End, long WaitTime, long? InitTime)
{
    /// <summary>What a sequence or composition ran, in order; null for an action with code.</summary>
    public IReadOnlyList<CompletedActivation>? Components { get; init; }

    /// <summary>Ms: of a composition the sum of what it ran, as on the real platform.</summary>
    public long Duration => Components is null ? End - Start : Components.Sum(c => c.Duration);

    /// <summary>The largest memory limit of what ran, in MB.</summary>
    public int Memory => Components is null ? Activation.Action.Limits.Memory : Components.Select(c => c.Memory).DefaultIfEmpty(Activation.Action.Limits.Memory).Max();
}
