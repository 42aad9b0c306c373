using Newtonsoft.Json.Linq;
using Orchestration.Workflows.Expressions;
using Orchestration.Workflows.Yaml;

namespace Orchestration.Workflows.Reading;

/// <summary>How many actions of a step run at once: a number, or an expression over parameters that gives one.</summary>
internal sealed class Parallelism
{
    /// <summary>The largest that may be asked for; the pool and the namespace's limit bound it further.</summary>
    public const int Most = 100_000;

    private const string Key = "parallelism";

    private readonly LoneTemplate? _expression;

    private Parallelism(int? number, LoneTemplate? expression) => (Number, _expression) = (number, expression);

    /// <summary>The number in the file; null when it depends on the run's parameters.</summary>
    public int? Number { get; }

    private static string Takes => $"takes a whole number from 1 to {Most}";

    /// <summary>Reads it from a step or the defaults.</summary>
    /// <param name="map">What it may stand in.</param>
    /// <param name="expressions">Reads expressions.</param>
    /// <param name="problems">Takes what is wrong.</param>
    /// <returns>It; null when it is not there or has a mistake.</returns>
    public static Parallelism? Read(MapReader map, ExpressionReader expressions, ProblemList problems)
    {
        if (map.Find(Key) is not YamlScalar scalar || !scalar.Text.Contains(ExpressionText.Opening, StringComparison.Ordinal))
            return map.Integer(Key, 1, Most) is { } number ? new Parallelism(number, null) : null;
        var uses = new StepUses();
        var template = expressions.Read(scalar, new ExpressionSite(Key, false, uses));
        foreach (var (step, place) in uses.Places)
            problems.Add(place, $"{Key} names the step '{step}'; it is settled before the run starts, so it may name params only.");
        if (template is TextTemplate)
            problems.Add(scalar.Place, $"{Key} is {MapReader.Describe(scalar)}; it {Takes}, or one expression over params that gives it.");
        return template is LoneTemplate lone ? new Parallelism(null, lone) : null;
    }

    /// <summary>The number for one run.</summary>
    /// <param name="scope">The run's parameters.</param>
    /// <exception cref="ExpressionException">The expression could not be evaluated, or gave something else.</exception>
    public int Of(Scope scope)
    {
        if (Number is { } known)
            return known;
        var value = _expression!.ToToken(scope);
        // An expression that computes gives a whole number as a double.
        if (value.Type is JTokenType.Integer or JTokenType.Float && (double)value is var number && number >= 1 && number <= Most && Math.Floor(number).Equals(number))
            return (int)number;
        throw _expression.Expression.Problem($"gave {(value is JValue { Type: not JTokenType.Null } ? $"{JsonTokens.Describe(value)}, {value}" : JsonTokens.Describe(value))}; it {Takes}.");
    }
}
