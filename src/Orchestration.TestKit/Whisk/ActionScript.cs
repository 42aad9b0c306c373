using System.Collections.Concurrent;
using Orchestration.Core.Json;
using Orchestration.Core.Ports;

namespace Orchestration.TestKit;

/// <summary>How an action of the scripted OpenWhisk behaves. Its methods return the script, to be chained; by default it returns its own parameters at once. Safe for many threads.</summary>
public sealed class ActionScript
{
    private readonly ConcurrentQueue<ActionAnswer> _first = new();
    private Func<InvokeRequest, ActionAnswer> _answer = request => new ActionAnswer.Result(request.Parameters);
    private Func<InvokeRequest, TimeSpan> _takes = _ => TimeSpan.Zero;

    /// <summary>OpenWhisk's own most.</summary>
    internal static readonly TimeSpan DefaultTimeLimit = TimeSpan.FromMinutes(5);

    internal ActionScript(string name) => Name = name;

    /// <summary>The action's name.</summary>
    public string Name { get; }

    internal TimeSpan TimeLimit { get; private set; } = DefaultTimeLimit;

    internal Func<InvokeRequest, IEnumerable<string>> InputsOf { get; private set; } = _ => [];

    internal Func<InvokeRequest, IEnumerable<(string Key, string Content)>> OutputsOf { get; private set; } = _ => [];

    /// <summary>It returns this result each time.</summary>
    /// <param name="json">A JSON object.</param>
    /// <returns>The script.</returns>
    public ActionScript Returns(string json)
    {
        var result = new ActionAnswer.Result(JsonBytes.Parse(json));
        return Answers(_ => result);
    }

    /// <summary>It returns a result that is made from the invocation.</summary>
    /// <param name="result">Makes it, a JSON object.</param>
    /// <returns>The script.</returns>
    public ActionScript Returns(Func<InvokeRequest, string> result) => Answers(request => new ActionAnswer.Result(JsonBytes.Parse(result(request))));

    /// <summary>It fails each time.</summary>
    /// <param name="code">Short and stable; null for none.</param>
    /// <param name="message">For people.</param>
    /// <returns>The script.</returns>
    public ActionScript Fails(string? code, string message) => Answers(_ => new ActionAnswer.Error(code, message));

    /// <summary>It does whatever the test says. Each invocation asks once; two of one attempt, after a crash, ask twice.</summary>
    /// <param name="answer">Says what it does.</param>
    /// <returns>The script.</returns>
    public ActionScript Answers(Func<InvokeRequest, ActionAnswer> answer)
    {
        _answer = answer;
        return this;
    }

    /// <summary>Its first invocations come out otherwise, one after another; then it does what else was said.</summary>
    /// <param name="answers">What they do.</param>
    /// <returns>The script.</returns>
    public ActionScript First(params IEnumerable<ActionAnswer> answers)
    {
        foreach (var answer in answers)
            _first.Enqueue(answer);
        return this;
    }

    /// <summary>Its first invocations fail.</summary>
    /// <param name="times">How many.</param>
    /// <param name="code">Short and stable.</param>
    /// <returns>The script.</returns>
    public ActionScript FailsFirst(int times, string code = "Flaky") => First(Enumerable.Repeat(new ActionAnswer.Error(code, "It fails at first, as the test says."), times));

    /// <summary>How long each invocation takes, in virtual time. The action's time limit is at least that.</summary>
    /// <param name="duration">So long.</param>
    /// <returns>The script.</returns>
    public ActionScript Takes(TimeSpan duration)
    {
        if (duration > TimeLimit)
            TimeLimit = duration;
        return Takes(_ => duration);
    }

    /// <summary>The action's time limit, that OpenWhisk tells of; what has no record by then, and some time after, counts as lost. Default: 5 minutes.</summary>
    /// <param name="limit">The limit.</param>
    /// <returns>The script.</returns>
    public ActionScript HasTimeLimit(TimeSpan limit)
    {
        TimeLimit = limit;
        return this;
    }

    /// <summary>How long an invocation takes, in virtual time.</summary>
    /// <param name="duration">Says it.</param>
    /// <returns>The script.</returns>
    public ActionScript Takes(Func<InvokeRequest, TimeSpan> duration)
    {
        _takes = duration;
        return this;
    }

    /// <summary>It reads objects before anything else; one that is not there makes it fail with <c>NoSuchKey</c>, as actions do by contract.</summary>
    /// <param name="objects">Names them by the invocation, <c>bucket/key</c>.</param>
    /// <returns>The script.</returns>
    public ActionScript Reads(Func<InvokeRequest, IEnumerable<string>> objects)
    {
        InputsOf = objects;
        return this;
    }

    /// <summary>It writes objects when it succeeds.</summary>
    /// <param name="objects">Names them by the invocation, <c>bucket/key</c>, each with its content.</param>
    /// <returns>The script.</returns>
    public ActionScript Writes(Func<InvokeRequest, IEnumerable<(string Key, string Content)>> objects)
    {
        OutputsOf = objects;
        return this;
    }

    internal (ActionAnswer Answer, TimeSpan Duration) Next(InvokeRequest request) => (_first.TryDequeue(out var first) ? first : _answer(request), _takes(request));
}
