using Newtonsoft.Json.Linq;
using Orchestration.Core.Json;

namespace Orchestration.Workflows.Expressions;

/// <summary>What expressions can name. Parsed once, then used for all items of all steps that are expanded together.</summary>
internal sealed class Scope
{
    private readonly JObject _steps = [];

    /// <summary>Makes a scope.</summary>
    /// <param name="parameters">A JSON object.</param>
    public Scope(JsonBytes parameters) => Root = new JObject { ["params"] = JsonTokens.Read(parameters), ["steps"] = _steps };

    /// <summary>Where secrets belong in what is being written.</summary>
    public SecretPlaces Secrets { get; } = new();

    /// <summary>The value that expressions look at.</summary>
    public JObject Root { get; }

    /// <summary>Adds a step.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="status"><c>succeeded</c>, <c>failed</c> or <c>skipped</c>.</param>
    /// <param name="result">Its result; null when no expression looks at it.</param>
    public void AddStep(string id, string status, JToken? result)
    {
        var step = new JObject { ["status"] = status };
        if (result is not null)
            step["result"] = result;
        _steps[id] = step;
    }

    /// <summary>Sets what <c>item</c> and <c>index</c> are.</summary>
    public void SetItem(JToken item, int index)
    {
        Root["item"] = item;
        Root["index"] = index;
    }
}
