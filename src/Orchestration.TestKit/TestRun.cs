using System.Globalization;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Ports;
using Orchestration.Core.Reports;
using Orchestration.Core.State;

namespace Orchestration.TestKit;

/// <summary>A run as a test looks at it.</summary>
/// <param name="Report">What happened, as <c>docs/report.md</c> tells it.</param>
/// <param name="Facts">Everything that was stored, in order.</param>
/// <param name="Invocations">Every invocation of it that reached OpenWhisk, in order.</param>
public sealed record TestRun(OrchestrationReport Report, IReadOnlyList<Fact> Facts, IReadOnlyList<InvokeRequest> Invocations)
{
    /// <summary>The <c>orch_id</c>.</summary>
    public OrchestrationId Id => Report.Id;

    /// <summary>Where it stands.</summary>
    public OrchestrationStatus Status => Report.Status;

    /// <summary>What it gave back; JSON null unless it is complete.</summary>
    public JsonBytes Output => Report.Output;

    /// <summary>It must be complete.</summary>
    /// <returns>The run, to ask for more.</returns>
    /// <exception cref="OrchestrationAssertionException">It is not.</exception>
    public TestRun ShouldHaveCompleted() => Status == OrchestrationStatus.Completed
        ? this
        : throw new OrchestrationAssertionException($"The run {Report.Name} should have completed, and is {Name(Status)}{(Report.Error is { } error ? $": {error.Message}" : "")}.\n{Describe()}");

    /// <summary>It must have failed.</summary>
    /// <param name="text">What the reason must hold; null for any.</param>
    /// <returns>The run, to ask for more.</returns>
    /// <exception cref="OrchestrationAssertionException">It has not, or for another reason.</exception>
    public TestRun ShouldHaveFailed(string? text = null) => Status == OrchestrationStatus.Failed && (text is null || Report.Error!.Message.Contains(text, StringComparison.Ordinal))
        ? this
        : throw new OrchestrationAssertionException($"The run {Report.Name} should have failed{(text is null ? "" : $" with '{text}'")}, and is {Name(Status)}{(Report.Error is { } error ? $": {error.Message}" : "")}.\n{Describe()}");

    /// <summary>It must have given back a value.</summary>
    /// <param name="json">The value; white space and the order of members do not matter.</param>
    /// <returns>The run, to ask for more.</returns>
    /// <exception cref="OrchestrationAssertionException">It gave back another one.</exception>
    public TestRun ShouldHaveOutput(string json) => System.Text.Json.Nodes.JsonNode.DeepEquals(System.Text.Json.Nodes.JsonNode.Parse(json), System.Text.Json.Nodes.JsonNode.Parse(Output.ToString()))
        ? this
        : throw new OrchestrationAssertionException($"The run {Report.Name} should have given back {json}, and gave back {Output}.\n{Describe()}");

    /// <summary>How often it invoked an action, to be asked about.</summary>
    /// <param name="action">The action's name on OpenWhisk.</param>
    /// <returns>What to ask.</returns>
    public InvocationCount ShouldHaveInvoked(string action) => new(this, action, Invocations.Count(i => i.Name == action));

    /// <summary>It must not have invoked an action.</summary>
    /// <param name="action">The action's name on OpenWhisk.</param>
    /// <returns>The run, to ask for more.</returns>
    /// <exception cref="OrchestrationAssertionException">It did.</exception>
    public TestRun ShouldNotHaveInvoked(string action) => ShouldHaveInvoked(action).Times(0);

    /// <summary>The run's actions with their attempts, for messages.</summary>
    /// <returns>A line for each action; of many the first.</returns>
    public string Describe()
    {
        const int most = 30;
        var lines = Report.Actions.Take(most).Select(a => string.Create(CultureInfo.InvariantCulture,
            $"  {a.Step}[{a.Index}] {a.Name}: {(a.Success is { } success ? success ? "succeeded" : "failed" : "not ended")}, attempts: {string.Join(", ", a.Attempts.Select(t => t.Outcome?.ToString() ?? "running"))}{(a.Success == false ? $" ({a.Error})" : "")}"));
        return string.Join('\n', lines) + (Report.Actions.Length > most ? $"\n  … and {Report.Actions.Length - most} more" : "");
    }

    private static string Name(OrchestrationStatus status) => status.ToString().ToLowerInvariant();
}

/// <summary>How often a run invoked an action.</summary>
/// <param name="Run">The run.</param>
/// <param name="Action">The action's name.</param>
/// <param name="Count">How often.</param>
public sealed record InvocationCount(TestRun Run, string Action, int Count)
{
    /// <summary>It must be exactly so often.</summary>
    /// <param name="times">How often.</param>
    /// <returns>The run, to ask for more.</returns>
    /// <exception cref="OrchestrationAssertionException">It is not.</exception>
    public TestRun Times(int times) => Must(Count == times, $"{times} times");

    /// <summary>It must be once.</summary>
    /// <returns>The run, to ask for more.</returns>
    /// <exception cref="OrchestrationAssertionException">It is not.</exception>
    public TestRun Once() => Times(1);

    /// <summary>It must be at least so often.</summary>
    /// <param name="times">How often.</param>
    /// <returns>The run, to ask for more.</returns>
    /// <exception cref="OrchestrationAssertionException">It is less.</exception>
    public TestRun AtLeast(int times) => Must(Count >= times, $"at least {times} times");

    private TestRun Must(bool holds, string expected) => holds
        ? Run
        : throw new OrchestrationAssertionException($"The run {Run.Report.Name} should have invoked '{Action}' {expected}, and did {Count} times.\n{Run.Describe()}");
}

/// <summary>A run is not as a test says.</summary>
/// <param name="message">What was expected and what was.</param>
public sealed class OrchestrationAssertionException(string message) : Exception(message);
