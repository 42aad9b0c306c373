using System.Globalization;
using System.Text;
using System.Text.Json;
using Newtonsoft.Json.Linq;
using Orchestration.Core.Json;

namespace Orchestration.Workflows.Expressions;

/// <summary>A value of the file with expressions in it.</summary>
internal abstract class Template
{
    /// <summary>Whether its value differs between the items of a step.</summary>
    public abstract bool IsPerItem { get; }

    /// <summary>Whether it refers to secrets. Where they belong is noted whenever it is written (<see cref="Scope.Secrets"/>).</summary>
    public virtual bool HasSecrets => false;

    /// <summary>Writes the value.</summary>
    /// <exception cref="ExpressionException">An expression could not be evaluated.</exception>
    public abstract void Write(Utf8JsonWriter writer, Scope scope);

    /// <summary>Evaluates now all that is the same for every item.</summary>
    /// <returns>A template with only the rest left to evaluate.</returns>
    /// <exception cref="ExpressionException">An expression could not be evaluated.</exception>
    public virtual Template Bind(Scope scope) => IsPerItem || HasSecrets ? BindParts(scope) : new ConstantTemplate(ToJson(scope));

    /// <summary>The value as JSON.</summary>
    /// <exception cref="ExpressionException">An expression could not be evaluated.</exception>
    public virtual JsonBytes ToJson(Scope scope) => JsonBytes.Write(writer => Write(writer, scope));

    /// <summary>The value as a token.</summary>
    /// <exception cref="ExpressionException">An expression could not be evaluated.</exception>
    public virtual JToken ToToken(Scope scope) => JsonTokens.Read(ToJson(scope));

    /// <summary>Binds the parts of a value that differs between items.</summary>
    protected virtual Template BindParts(Scope scope) => this;
}

/// <summary>A value without expressions.</summary>
internal sealed class ConstantTemplate(JsonBytes value) : Template
{
    public JsonBytes Value { get; } = value;

    public override bool IsPerItem => false;

    public override Template Bind(Scope scope) => this;

    public override JsonBytes ToJson(Scope scope) => Value;

    public override void Write(Utf8JsonWriter writer, Scope scope) => writer.WriteRawValue(Value.Utf8.Span, skipInputValidation: true);
}

/// <summary>An expression alone: its value keeps its JSON type.</summary>
internal sealed class LoneTemplate(Expression expression) : Template
{
    public Expression Expression { get; } = expression;

    public override bool IsPerItem => Expression.IsPerItem;

    public override JToken ToToken(Scope scope) => Expression.Evaluate(scope);

    public override void Write(Utf8JsonWriter writer, Scope scope) => JsonTokens.Write(Expression.Evaluate(scope), writer, Expression.Computes);
}

/// <summary>A part of a text: plain text, an expression, or an expression that is a secret.</summary>
internal readonly record struct TextPart(string? Text, Expression? Expression, string? Secret);

/// <summary>Expressions inside text: their values become text. A secret stays a reference.</summary>
internal sealed class TextTemplate(IReadOnlyList<TextPart> parts) : Template
{
    public override bool IsPerItem { get; } = parts.Any(p => p.Expression is { IsPerItem: true });

    public override bool HasSecrets { get; } = parts.Any(p => p.Secret is not null);

    public override void Write(Utf8JsonWriter writer, Scope scope)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            if (part.Secret is { } secret)
                text.Append(scope.Secrets.Add(text.Length, secret));
            else
                text.Append(part.Text ?? AsText(part.Expression!, scope));
        }

        writer.WriteStringValue(text.ToString());
    }

    protected override Template BindParts(Scope scope) =>
        new TextTemplate([.. parts.Select(p => p is { Secret: null, Expression: { IsPerItem: false } same } ? new TextPart(AsText(same, scope), null, null) : p)]);

    private static string AsText(Expression expression, Scope scope)
    {
        var value = expression.Evaluate(scope);
        return value.Type switch
        {
            JTokenType.Null => throw expression.Problem("gave null inside text; check the name, or give a value for that case, as in ${{ … || 'none' }}."),
            JTokenType.String => (string)value!,
            _ => JsonBytes.Write(writer => JsonTokens.Write(value, writer, expression.Computes)).ToString(),
        };
    }
}

/// <summary>A list with expressions in some of its items.</summary>
internal sealed class ListTemplate(IReadOnlyList<Template> items) : Template
{
    public override bool IsPerItem { get; } = items.Any(i => i.IsPerItem);

    public override bool HasSecrets { get; } = items.Any(i => i.HasSecrets);

    public override void Write(Utf8JsonWriter writer, Scope scope)
    {
        writer.WriteStartArray();
        for (var i = 0; i < items.Count; i++)
        {
            scope.Secrets.Enter(i.ToString(CultureInfo.InvariantCulture), items[i].HasSecrets);
            items[i].Write(writer, scope);
            scope.Secrets.Leave(items[i].HasSecrets);
        }

        writer.WriteEndArray();
    }

    protected override Template BindParts(Scope scope) => new ListTemplate([.. items.Select(i => i.Bind(scope))]);
}

/// <summary>A map with expressions in some of its values.</summary>
internal sealed class MapTemplate(IReadOnlyList<(string Key, Template Value)> members) : Template
{
    public override bool IsPerItem { get; } = members.Any(m => m.Value.IsPerItem);

    public override bool HasSecrets { get; } = members.Any(m => m.Value.HasSecrets);

    public override void Write(Utf8JsonWriter writer, Scope scope)
    {
        writer.WriteStartObject();
        foreach (var (key, value) in members)
        {
            writer.WritePropertyName(key);
            scope.Secrets.Enter(key, value.HasSecrets);
            value.Write(writer, scope);
            scope.Secrets.Leave(value.HasSecrets);
        }

        writer.WriteEndObject();
    }

    protected override Template BindParts(Scope scope) => new MapTemplate([.. members.Select(m => (m.Key, m.Value.Bind(scope)))]);
}
