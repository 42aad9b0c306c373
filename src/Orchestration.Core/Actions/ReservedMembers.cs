using System.Text.Json;
using Orchestration.Core.Json;

namespace Orchestration.Core.Actions;

/// <summary>The members of an invocation's body that the orchestrator adds itself.</summary>
public static class ReservedMembers
{
    /// <summary>Holds <c>{action_id, orch_id}</c>.</summary>
    public const string Context = "context";

    /// <summary>Holds the attempt on the way in, and what was read and written on the way back.</summary>
    public const string Orchestration = "__orchestration";

    /// <summary>Checks an action's parameters.</summary>
    /// <param name="parameters">What the caller wants to pass.</param>
    /// <returns>What is wrong, to stand behind "The parameters …"; null when nothing is.</returns>
    public static string? Problem(JsonBytes parameters)
    {
        if (parameters.Kind != JsonValueKind.Object)
            return $"are a JSON {parameters.Kind.ToString().ToLowerInvariant()}; they take an object.";
        var reader = new Utf8JsonReader(parameters.Utf8.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(Context) || reader.ValueTextEquals(Orchestration))
                return $"have a member '{reader.GetString()}', which is reserved for the orchestrator; rename it.";
            reader.Skip();
        }

        return null;
    }
}
