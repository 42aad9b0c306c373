using Orchestration.Core.Json;

namespace Orchestration.TestKit;

/// <summary>What a scripted action does with one invocation.</summary>
public abstract record ActionAnswer
{
    private ActionAnswer()
    {
    }

    /// <summary>It returns a result.</summary>
    /// <param name="Value">The result, a JSON object.</param>
    public sealed record Result(JsonBytes Value) : ActionAnswer;

    /// <summary>It returns an error, as <c>{"error": {code, message, meta}}</c>.</summary>
    /// <param name="Code">Short and stable; null for none.</param>
    /// <param name="Message">For people.</param>
    public sealed record Error(string? Code, string Message) : ActionAnswer;

    /// <summary>It crashes: OpenWhisk tells of a developer error.</summary>
    /// <param name="Message">What OpenWhisk says.</param>
    public sealed record Crash(string Message) : ActionAnswer;

    /// <summary>OpenWhisk refuses the invocation for now, with 429.</summary>
    public sealed record Throttled : ActionAnswer;

    /// <summary>OpenWhisk cannot be reached.</summary>
    public sealed record Unreachable : ActionAnswer;

    /// <summary>OpenWhisk accepts the invocation, and no record of it ever appears.</summary>
    public sealed record Lost : ActionAnswer;
}
