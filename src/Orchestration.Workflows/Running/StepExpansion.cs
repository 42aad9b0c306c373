using System.Collections.Immutable;
using System.Text.Json;
using Newtonsoft.Json.Linq;
using Orchestration.Core.Actions;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Pipelines;
using Orchestration.Workflows.Expressions;
using Orchestration.Workflows.Reading;

namespace Orchestration.Workflows.Running;

/// <summary>Makes the actions of a step.</summary>
internal static class StepExpansion
{
    /// <summary>The most bytes of parameters that all actions of one step have together.</summary>
    public const long MaxBytes = 256L * 1024 * 1024;

    /// <summary>Makes a step's batch.</summary>
    /// <param name="step">The step.</param>
    /// <param name="scope">Parameters and the results of the steps that it names.</param>
    /// <param name="stored">What the object store gave, for a step that asks it; null for all others.</param>
    /// <returns>The batch.</returns>
    /// <exception cref="ExpressionException">An expression could not be evaluated, or gave what cannot be used there.</exception>
    public static BatchSpec Expand(WorkflowStep step, Scope scope, ExpandedItems? stored)
    {
        if (stored is not null)
            return Batch(step, scope, Actions(step, scope, stored.Items.Count, i => JsonTokens.Read(stored.Items[i]))) with { Source = stored.Source };
        if (step.ForEach is null)
            return Batch(step, scope, [Action(step, step.With, step.Reads, step.Writes, scope)]);
        var items = Items(step.ForEach, scope);
        return Batch(step, scope, Actions(step, scope, items.Count, i => items[i]));
    }

    private static ImmutableArray<ActionSpec> Actions(WorkflowStep step, Scope scope, int count, Func<int, JToken> item)
    {
        if (count == 0)
            return [];
        // What does not depend on the item is evaluated once: evaluating everything for every item would take quadratic time.
        var with = step.With.Bind(scope);
        ImmutableArray<Template> reads = [.. step.Reads.Select(r => r.Bind(scope))];
        ImmutableArray<Template> writes = [.. step.Writes.Select(w => w.Bind(scope))];
        var actions = ImmutableArray.CreateBuilder<ActionSpec>(count);
        var bytes = 0L;
        for (var i = 0; i < count; i++)
        {
            scope.SetItem(item(i), i);
            var action = Action(step, with, reads, writes, scope);
            bytes += action.Parameters.Length;
            if (bytes > MaxBytes)
                throw new ExpressionException($"with: the parameters of the first {i + 1} of {count} items have more than {MaxBytes / 1024 / 1024} MB together; pass large data through the object store.");
            actions.Add(action);
        }

        return actions.MoveToImmutable();
    }

    private static BatchSpec Batch(WorkflowStep step, Scope scope, ImmutableArray<ActionSpec> actions) =>
        new(step.Id, actions, step.Parallelism is { } atOnce ? step.Options with { Parallelism = atOnce.Of(scope) } : step.Options);

    private static JArray Items(Template forEach, Scope scope)
    {
        var value = forEach.ToToken(scope);
        if (value is JArray list)
            return list;
        var what = $"gave {JsonTokens.Describe(value)}; foreach takes a list. Check the name, or give a list for that case, as in ${{{{ … || `[]` }}}}.";
        throw forEach is LoneTemplate lone ? lone.Expression.Problem(what) : new ExpressionException($"foreach {what}");
    }

    private static ActionSpec Action(WorkflowStep step, Template with, ImmutableArray<Template> reads, ImmutableArray<Template> writes, Scope scope)
    {
        var parameters = with.ToJson(scope);
        if (step.With is LoneTemplate lone)
            CheckParameters(parameters, lone.Expression);
        return new ActionSpec(step.Action, parameters)
        {
            Reads = Objects(reads, "reads", scope),
            Writes = Objects(writes, "writes", scope),
            Secrets = scope.Secrets.Take(),
        };
    }

    private static void CheckParameters(JsonBytes parameters, Expression expression)
    {
        using var document = parameters.ToDocument();
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw expression.Problem($"gave {JsonTokens.Describe(JsonTokens.Read(parameters))}; with takes an object. Name the parameter, as in with: {{ name: … }}.");
        foreach (var member in document.RootElement.EnumerateObject().Where(m => ReservedNames.Contains(m.Name)))
            throw expression.Problem($"gave an object with the reserved member '{member.Name}'; take the members one by one.");
    }

    private static ImmutableArray<ObjectKey> Objects(ImmutableArray<Template> templates, string key, Scope scope)
    {
        if (templates.IsEmpty)
            return [];
        var keys = ImmutableArray.CreateBuilder<ObjectKey>(templates.Length);
        foreach (var template in templates)
            keys.Add(StoragePlaces.Object(template, $"{key}[{keys.Count}]", scope));
        return keys.MoveToImmutable();
    }
}
