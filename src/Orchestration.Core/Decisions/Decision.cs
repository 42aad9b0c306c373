using System.Collections.Immutable;
using Orchestration.Core.Facts;

namespace Orchestration.Core.Decisions;

/// <summary>What a command leads to: facts to store, or a refusal.</summary>
/// <param name="Facts">Facts in order; none when the command changes nothing.</param>
/// <param name="Refusal">Why the command was refused; null when it was not.</param>
public readonly record struct Decision(ImmutableArray<Fact> Facts, Refusal? Refusal)
{
    /// <summary>The command changes nothing and that is fine.</summary>
    public static Decision Nothing { get; } = new([], null);

    /// <summary>Stores facts.</summary>
    /// <param name="facts">The facts in order.</param>
    /// <returns>The decision.</returns>
    public static Decision Store(params ImmutableArray<Fact> facts) => new(facts, null);

    /// <summary>Refuses the command.</summary>
    /// <param name="code">Short and stable, such as <c>BATCH_CHANGED</c>.</param>
    /// <param name="message">Cause, value and remedy.</param>
    /// <returns>The decision.</returns>
    public static Decision Refuse(string code, string message) => new([], new Refusal(code, message));
}

/// <summary>Why a command was refused.</summary>
/// <param name="Code">Short and stable, such as <c>BATCH_CHANGED</c>.</param>
/// <param name="Message">Cause, value and remedy.</param>
public sealed record Refusal(string Code, string Message);
