using System.Text.Json;
using Orchestration.LocalWhisk.Actions;
using Orchestration.LocalWhisk.Activations;
using Orchestration.LocalWhisk.Http;

namespace Orchestration.LocalWhisk.Compositions;

/// <summary>
/// Runs a sequence, or what a conductor says, from its begin to its end, and those within it. It is held in memory only, as on the real
/// platform: a stop of the server ends it.
/// </summary>
/// <remarks>The rules and texts are those of OpenWhisk's <c>SequenceActions</c> and <c>PrimitiveActions</c>, see the reference to conductors in its docs/conductors.md.</remarks>
internal sealed class Composition(LocalWhiskOptions options, ActionResolver actions, Func<Activation, Task<CompletedActivation>> runAsync)
{
    private const int MaxConductors = (2 * SequenceCheck.MaxLength) + 1;
    private const string TooManyInSequence = "Too many actions in the sequence.";
    private const string TooManyInComposition = "Too many actions in the composition.";

    // Shared by all that lie within the outermost one.
    private int _components;
    private int _conductors;

    /// <summary>Runs it.</summary>
    /// <param name="parent">The activation of the sequence or conductor.</param>
    /// <returns>How it ended, with what it ran.</returns>
    /// <exception cref="OperationCanceledException">The server stops.</exception>
    public async Task<CompletedActivation> RunAsync(Activation parent)
    {
        var start = Now();
        var ran = new List<CompletedActivation>();
        var outcome = parent.Action.IsSequence ? await RunSequenceAsync(parent, ran) : await RunConductorAsync(parent, ran);
        return new CompletedActivation(parent, outcome, start, Math.Max(start, Now()), Math.Max(0, start - parent.Received), null) { Components = ran };
    }

    private async Task<Outcome> RunSequenceAsync(Activation parent, List<CompletedActivation> ran)
    {
        var outcome = new Outcome(OutcomeStatus.Success, parent.Arguments);
        foreach (var name in parent.Action.Exec.Components)
        {
            if (actions.Find(name) is not { } component)
                return Outcome.ApplicationError("Sequence component does not exist.");
            if (!component.Action.IsSequence && ++_components > SequenceCheck.MaxLength)
                return Outcome.ApplicationError(TooManyInSequence);
            outcome = await RunAsync(parent, component, outcome.Result, isStep: false, ran);
            if (outcome.Status != OutcomeStatus.Success)
                break;
        }
        return outcome;
    }

    private async Task<Outcome> RunConductorAsync(Activation parent, List<CompletedActivation> ran)
    {
        var payload = parent.Arguments;
        while (true)
        {
            if (++_conductors > MaxConductors)
                return Outcome.ApplicationError(TooManyInComposition);
            var outcome = await RunAsync(parent, parent.Resolved, payload, isStep: true, ran);
            if (outcome.Status != OutcomeStatus.Success || outcome.Result[0] != (byte)'{')
                return outcome;
            using var document = JsonDocument.Parse(outcome.Result, JsonBytes.DocumentOptions);
            var said = document.RootElement;
            if (!said.TryGetProperty("action", out var next))
                return said.TryGetProperty("params", out var final) ? outcome with { Result = final.Raw(), Size = null } : outcome;
            byte[] parameters = said.TryGetProperty("params", out var given) ? Boxed(given, "value") : JsonBytes.EmptyObject;
            byte[] state = said.TryGetProperty("state", out var kept) ? Boxed(kept, "state") : JsonBytes.EmptyObject;
            var (component, problem) = Find(next);
            byte[] result;
            if (component is null)
            {
                result = JsonBytes.Error(problem!);
            }
            else
            {
                if (!component.Action.IsSequence && ++_components > SequenceCheck.MaxLength)
                    return Outcome.ApplicationError(TooManyInComposition);
                // A failure is the conductor's to judge.
                result = (await RunAsync(parent, component, parameters, isStep: false, ran)).Result;
            }
            payload = Overlaid(result, state);
        }
    }

    private async Task<Outcome> RunAsync(Activation parent, ResolvedAction action, byte[] payload, bool isStep, List<CompletedActivation> ran)
    {
        var activation = new Activation(action, ActionArguments.Overlay(action, payload), parent.TransactionId, Now()) { Cause = parent, IsStep = isStep, Within = this };
        var completed = await runAsync(activation);
        ran.Add(completed);
        return completed.Outcome;
    }

    private (ResolvedAction? Action, string? Problem) Find(JsonElement named)
    {
        if (named.ValueKind != JsonValueKind.String)
            return (null, $"Failed to parse action name from json value {named.GetRawText()} during composition.");
        var name = named.GetString()!;
        try
        {
            return ActionName.Resolve(name, options.Namespace) is { } resolved && actions.Find(resolved) is { } action
                ? (action, null)
                : (null, $"Failed to resolve action with name '{name}' during composition.");
        }
        catch (ApiException)
        {
            return (null, $"Failed entitlement check for action with name '{name}' during composition.");
        }
    }

    // What is no object becomes one, so that there is something to lay over.
    private static byte[] Boxed(JsonElement value, string key) => value.ValueKind == JsonValueKind.Object ? value.Raw() : JsonBytes.Build(writer =>
    {
        writer.WriteStartObject();
        writer.WritePropertyName(key);
        value.WriteTo(writer);
        writer.WriteEndObject();
    });

    private static byte[] Overlaid(byte[] result, byte[] state)
    {
        using var below = JsonDocument.Parse(result, JsonBytes.DocumentOptions);
        using var above = JsonDocument.Parse(state, JsonBytes.DocumentOptions);
        return JsonBytes.Build(writer =>
        {
            writer.WriteStartObject();
            if (below.RootElement.ValueKind == JsonValueKind.Object)
                foreach (var member in below.RootElement.EnumerateObject().Where(m => !above.RootElement.TryGetProperty(m.Name, out _)))
                    member.WriteTo(writer);
            foreach (var member in above.RootElement.EnumerateObject())
                member.WriteTo(writer);
            writer.WriteEndObject();
        });
    }

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
}
