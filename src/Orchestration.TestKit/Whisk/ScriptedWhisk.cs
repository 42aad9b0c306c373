using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;

namespace Orchestration.TestKit;

/// <summary>
/// An OpenWhisk that does what the test says, in virtual time. It goes on when the process under test crashes, as the real one does: what it has accepted runs to its end, and its
/// record can be asked for. Safe for many threads.
/// </summary>
public sealed class ScriptedWhisk
{
    // What a blocking invocation waits before it is answered with its id alone.
    private static readonly TimeSpan BlockingWait = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, ActionScript> _scripts = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<InvokeRequest> _invocations = new();
    private readonly ConcurrentDictionary<string, Activation> _activations = new(StringComparer.Ordinal);
    private readonly MemoryObjectStore _objects;
    private readonly Lock _gate = new();
    private int _running;
    private int _started;

    internal ScriptedWhisk(MemoryObjectStore objects) => _objects = objects;

    /// <summary>Every invocation that reached it, in order.</summary>
    public IReadOnlyCollection<InvokeRequest> Invocations => _invocations;

    /// <summary>The most that ran at once.</summary>
    public int MostAtOnce { get; private set; }

    /// <summary>The script of an action, which is there from then on.</summary>
    /// <param name="action">Its name.</param>
    /// <returns>The script, to say what it does.</returns>
    public ActionScript On(string action) => _scripts.GetOrAdd(action, name => new ActionScript(name));

    /// <summary>How often an action was invoked.</summary>
    /// <param name="action">Its name.</param>
    /// <returns>The number.</returns>
    public int Count(string action) => _invocations.Count(i => i.Name == action);

    internal TimeSpan TimeLimitOf(string action) => _scripts.TryGetValue(action, out var script) ? script.TimeLimit : ActionScript.DefaultTimeLimit;

    internal async Task<InvokeReply> InvokeAsync(InvokeRequest request, Life life)
    {
        await life.MustLiveAsync();
        _invocations.Enqueue(request);
        if (!_scripts.TryGetValue(request.Name, out var script))
            return new InvokeReply.Failed(null, null, AttemptOutcome.Rejected, new Failure("404", $"The scripted OpenWhisk has no action '{request.Name}'; it has {(_scripts.IsEmpty ? "none" : string.Join(", ", _scripts.Keys.Order(StringComparer.Ordinal)))}. Say what it does: Whisk.On(\"{request.Name}\")."), ObjectReport.None);
        var (answer, duration) = script.Next(request);
        switch (answer)
        {
            case ActionAnswer.Throttled:
                return Refused(AttemptOutcome.Throttled, "429", PushbackKind.Concurrency);
            case ActionAnswer.Unreachable:
                return Refused(AttemptOutcome.Unavailable, "UNREACHABLE", PushbackKind.Unavailable);
        }

        var activation = new Activation(NewId(), life.Now, answer is ActionAnswer.Lost ? null : life.Now + duration, request, script, answer);
        _activations[activation.Id] = activation;
        Enter();
        var wait = activation.End is { } end && end - life.Now <= BlockingWait ? end - life.Now : BlockingWait;
        await life.DelayAsync(wait);
        return Look(activation, life.Now);
    }

    internal async Task<InvokeReply> LookAsync(string activationId, Life life)
    {
        await life.MustLiveAsync();
        return _activations.TryGetValue(activationId, out var activation) ? Look(activation, life.Now) : new InvokeReply.Accepted(activationId);
    }

    private InvokeReply Look(Activation activation, DateTimeOffset now)
    {
        if (activation.End is not { } end || end > now)
            return new InvokeReply.Accepted(activation.Id);
        lock (_gate)
        {
            if (activation.Reply is null)
            {
                activation.Reply = Run(activation, end);
                _running--;
            }
        }
        return activation.Reply;
    }

    // What it does with objects is done at its end, in one step.
    private InvokeReply Run(Activation activation, DateTimeOffset end)
    {
        var timing = new ActivationTiming(activation.Start, end);
        var reads = ImmutableArray.CreateBuilder<ObjectAccess>();
        foreach (var key in activation.Script.InputsOf(activation.Request))
        {
            if (_objects.Find(key) is not { } size)
            {
                var error = Failure.FromActionError(JsonBytes.Parse(string.Create(CultureInfo.InvariantCulture, $$$"""{"code":"NoSuchKey","message":"The object '{{{key}}}' does not exist.","meta":{"key":"{{{key}}}"}}""")));
                return new InvokeReply.Failed(activation.Id, timing, AttemptOutcome.ApplicationError, error, new ObjectReport(reads.ToImmutable(), [], [new ObjectAccess(ObjectKey.Parse(key), 0, null, end)]));
            }
            reads.Add(new ObjectAccess(ObjectKey.Parse(key), size, null, end));
        }
        switch (activation.Answer)
        {
            case ActionAnswer.Error error:
                return new InvokeReply.Failed(activation.Id, timing, AttemptOutcome.ApplicationError, new Failure(error.Code, error.Message), new ObjectReport(reads.ToImmutable(), [], []));
            case ActionAnswer.Crash crash:
                return new InvokeReply.Failed(activation.Id, timing, AttemptOutcome.DeveloperError, new Failure(null, crash.Message), ObjectReport.None);
        }
        var writes = ImmutableArray.CreateBuilder<ObjectAccess>();
        foreach (var (key, content) in activation.Script.OutputsOf(activation.Request))
        {
            _objects.Put(key, content);
            writes.Add(new ObjectAccess(ObjectKey.Parse(key), content.Length, null, end));
        }
        return new InvokeReply.Succeeded(activation.Id, timing, ((ActionAnswer.Result)activation.Answer).Value, new ObjectReport(reads.ToImmutable(), writes.ToImmutable(), []));
    }

    private void Enter()
    {
        lock (_gate)
            MostAtOnce = Math.Max(MostAtOnce, ++_running);
    }

    private string NewId() => Interlocked.Increment(ref _started).ToString("x32", CultureInfo.InvariantCulture);

    private static InvokeReply.Failed Refused(AttemptOutcome outcome, string code, PushbackKind kind) =>
        new(null, null, outcome, new Failure(code, "The scripted OpenWhisk refuses it, as the test says."), ObjectReport.None) { Pushback = new Pushback(kind) };

    private sealed class Activation(string id, DateTimeOffset start, DateTimeOffset? end, InvokeRequest request, ActionScript script, ActionAnswer answer)
    {
        public string Id => id;

        public DateTimeOffset Start => start;

        public DateTimeOffset? End => end;

        public InvokeRequest Request => request;

        public ActionScript Script => script;

        public ActionAnswer Answer => answer;

        public InvokeReply? Reply { get; set; }
    }
}
