using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Retries;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Logs;

/// <summary>A line of a run's log.</summary>
/// <param name="Text">What happened.</param>
/// <param name="Action">The action that it happened to; null for the run or a step.</param>
/// <param name="IsTrouble">Whether something went wrong.</param>
internal readonly record struct FactLine(string Text, ActionId? Action, bool IsTrouble);

/// <summary>Tells what is stored of one run in a line each, attempt by attempt.</summary>
internal sealed class FactText
{
    private const int LongestMessage = 500;

    private readonly Dictionary<int, string> _keys = [];
    private readonly Dictionary<(int Batch, int Index), (ActionId Id, string Name)> _actions = [];

    /// <summary>Takes a fact in.</summary>
    /// <param name="fact">The fact, in the order of the journal.</param>
    /// <returns>Its line; null when it is worth none.</returns>
    public FactLine? Take(Fact fact)
    {
        switch (fact)
        {
            case OrchestrationStarted started:
                return Line($"started: {started.Name}, on OpenWhisk {started.Platform.ApiHost}{(started.Platform.ObjectStore.Length == 0 ? "" : $" with the object store {started.Platform.ObjectStore}")}");
            case Resumed resumed:
                return Line($"taken up by {resumed.Owner}");
            case ActionsAdded added:
                for (var i = 0; i < added.Actions.Length; i++)
                    _actions[(added.Batch, added.FirstIndex + i)] = (added.IdOf(i), added.Actions[i].Name);
                return null;
            case BatchSealed batch:
                _keys[batch.Batch] = batch.Key;
                return Line($"{batch.Key}: {Humanize.Count(batch.Count, "action")}{(batch.Options.Parallelism is { } most ? $", {most} at a time" : "")}");
            case AttemptStarted started:
                return Of(started.Batch, started.Index, $"attempt {started.Attempt}");
            case ActivationAccepted accepted:
                return Of(accepted.Batch, accepted.Index, $"activation {accepted.ActivationId}");
            case AttemptSucceeded succeeded:
                return Of(succeeded.Batch, succeeded.Index, $"succeeded{Took(succeeded.ActivationId, succeeded.Timing)}");
            case AttemptFailed failed:
                return Of(failed.Batch, failed.Index,
                    $"attempt {failed.Attempt} failed, {AttemptOutcomes.NameOf(failed.Outcome)}{Took(failed.ActivationId, failed.Timing)}: {Short(failed.Failure)}{(failed.RetryAt is { } again ? $"; again in {Humanize.Duration(again - failed.Time)}" : "")}", true);
            case InputsLost lost:
                return Of(lost.Batch, lost.Index, $"failed: {Short(lost.Failure)}", true);
            case BatchEnded ended:
                return Line($"{KeyOf(ended.Batch)}: done");
            case StepSkipped skipped:
                return Line($"{skipped.Step}: skipped, as {skipped.Reason}");
            case OrchestrationCompleted:
                return Line("completed");
            case OrchestrationFailed failure:
                return new FactLine($"failed{(failure.Step is { } step ? $" in {step}" : "")}: {Short(failure.Failure)}", null, true);
            case OrchestrationCancelled cancelled:
                return new FactLine($"cancelled: {cancelled.Reason}", null, true);
            case OrchestrationReopened:
                return Line("retried");
            default:
                return null;
        }
    }

    private static FactLine Line(string text) => new(text, null, false);

    private static string Took(string? activationId, ActivationTiming? timing) => (activationId, timing) switch
    {
        (null, _) => "",
        (_, null) => $" (activation {activationId})",
        _ => $" (activation {activationId}, {Humanize.Duration(timing.End - timing.Start)})",
    };

    private static string Short(Failure failure) => Humanize.Shorten($"{(failure.Code is { } code ? $"{code}: " : "")}{failure.Message}".ReplaceLineEndings(" "), LongestMessage);

    private FactLine Of(int batch, int index, string text, bool isTrouble = false)
    {
        var known = _actions.TryGetValue((batch, index), out var action);
        return new FactLine($"{KeyOf(batch)}[{index}]{(known ? $" {action.Name}" : "")}: {text}", known ? action.Id : null, isTrouble);
    }

    private string KeyOf(int batch) => _keys.GetValueOrDefault(batch, "?");
}
