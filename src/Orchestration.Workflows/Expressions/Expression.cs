using DevLab.JmesPath.Expressions;
using Newtonsoft.Json.Linq;

namespace Orchestration.Workflows.Expressions;

/// <summary>An expression could not be evaluated with the values of this run.</summary>
internal sealed class ExpressionException(string message) : Exception(message);

/// <summary>A compiled expression. JmesPath.Net keeps the value under evaluation inside the compiled form, so one thread at a time.</summary>
/// <param name="text">JMESPath.</param>
/// <param name="where">Where it stands, for people, such as <c>with.input</c>.</param>
/// <param name="compiled">Its compiled form.</param>
/// <param name="names">What it names.</param>
internal sealed class Expression(string text, string where, JmesPathExpression compiled, ExpressionNames names)
{
    /// <summary>Whether its value differs between the items of a step.</summary>
    public bool IsPerItem => names.ItemName is not null;

    /// <summary>Whether it computes numbers, so that a whole number comes out as a double that must be written as a whole number again.</summary>
    public bool Computes => names.Computes;

    /// <summary>Evaluates the expression.</summary>
    /// <param name="scope">What it can name.</param>
    /// <returns>A value; JSON null when it finds nothing.</returns>
    /// <exception cref="ExpressionException">A function was given a value of a wrong type, or the like.</exception>
    public JToken Evaluate(Scope scope)
    {
        try
        {
            return compiled.Transform(scope.Root).AsJToken() ?? JValue.CreateNull();
        }
        // JmesPath.Net reports a wrong type or a wrong number as a plain Exception, and a value out of a function's range as whatever .NET throws.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw Problem($"failed: {ExpressionReader.Tidy(e.Message)}");
        }
    }

    /// <summary>The exception that says what was wrong with the value.</summary>
    public ExpressionException Problem(string what) => new($"{where}: the expression {ExpressionText.Opening} {text} }}}} {what}");
}
