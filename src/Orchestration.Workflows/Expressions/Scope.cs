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

    /// <summary>The value that expressions look at.</summary>
    public JObject Root { get; }

    /// <summary>Adds a step's results.</summary>
    public void AddStep(string id, JToken result) => _steps[id] = new JObject { ["result"] = result };

    /// <summary>Sets what <c>item</c> and <c>index</c> are.</summary>
    public void SetItem(JToken item, int index)
    {
        Root["item"] = item;
        Root["index"] = index;
    }
}
