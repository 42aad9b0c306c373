using System.Collections.Immutable;
using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.State;

namespace Orchestration.Core.Tests.Support;

/// <summary>Decides and stores commands one by one, as an orchestrator without a journal would.</summary>
internal sealed class Desk
{
    public OrchestrationState State { get; private set; } = OrchestrationState.Empty;

    public List<Commit> Log { get; } = [];

    /// <summary>A running orchestration.</summary>
    public static Desk Started() => new Desk().Do(Given.Start(Given.T0));

    public Decision Decide(Command command) => Decider.Decide(State, command);

    public Desk Do(Command command)
    {
        var decision = Decide(command);
        Assert.Null(decision.Refusal);
        return Store(decision.Facts);
    }

    public Desk Store(params ImmutableArray<Fact> facts)
    {
        if (facts.IsEmpty)
            return this;
        var commit = new Commit(facts);
        Log.Add(commit);
        State = StateFold.Apply(State, commit, Log.Count);
        return this;
    }

    public string Refused(Command command, string code)
    {
        var before = StateText.Of(State);
        var decision = Decide(command);
        Assert.Empty(decision.Facts);
        Assert.NotNull(decision.Refusal);
        Assert.Equal(code, decision.Refusal.Code);
        Assert.Equal(before, StateText.Of(State));
        return decision.Refusal.Message;
    }

    public T Only<T>(Command command)
        where T : Fact => Assert.IsType<T>(Assert.Single(Decide(command).Facts));
}
