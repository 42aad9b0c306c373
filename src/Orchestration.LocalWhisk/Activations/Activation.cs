using Orchestration.LocalWhisk.Actions;

namespace Orchestration.LocalWhisk.Activations;

/// <summary>One accepted call of an action.</summary>
internal sealed class Activation(WhiskAction action, byte[] arguments, string transactionId, long received)
{
    private readonly TaskCompletionSource<CompletedActivation> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Guid Id { get; } = Guid.NewGuid();

    public WhiskAction Action { get; } = action;

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
internal sealed record CompletedActivation(Activation Activation, Outcome Outcome, long Start, long End, long WaitTime, long? InitTime);
