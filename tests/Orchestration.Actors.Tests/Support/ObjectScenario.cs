using System.Collections.Concurrent;
using System.Collections.Immutable;
using Orchestration.Actors.Client;
using Orchestration.Actors.Hosting;
using Orchestration.Core.Actions;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;

namespace Orchestration.Actors.Tests.Support;

/// <summary>
/// Scenarios whose actions read and write objects: the action <c>NAME</c> with <c>{"in": […], "out": […]}</c> reads each input, reports the first that is
/// missing as the contract says, and else writes its outputs, whose content is made from its name and its inputs' content.
/// </summary>
public abstract class ObjectScenario : OrchestrationScenario
{
    private readonly ConcurrentQueue<string> _ran = new();

    protected ObjectScenario() => Invoker.OnInvoke = request => Task.FromResult(Run(request));

    private protected MemoryObjectStore Store { get; } = new();

    /// <summary>The names of the actions that were invoked, in order.</summary>
    protected IReadOnlyList<string> Ran => [.. _ran];

    /// <summary>Called with an action's name before it does anything.</summary>
    protected Action<string> Before { get; set; } = _ => { };

    /// <summary>Called with an action's name when it has written.</summary>
    protected Action<string> After { get; set; } = _ => { };

    /// <summary>Makes what an action writes; the default depends on its name and inputs alone.</summary>
    protected Func<string, string, string> Content { get; set; } = (name, inputs) => $"{name}({inputs})";

    /// <summary>Which actions fail, by name.</summary>
    protected Func<string, bool> Fails { get; set; } = _ => false;

    /// <summary>Which actions OpenWhisk does not have any more, by name.</summary>
    protected Func<string, bool> IsGone { get; set; } = _ => false;

    protected override void Options(OrchestrationOptions options) => options.UseObjectStore(_ => Store);

    protected static ActionSpec Act(string name, string[] reads, params string[] writes) =>
        new(name, JsonBytes.Parse($$"""{"in":[{{Quoted(reads)}}],"out":[{{Quoted(writes)}}]}"""));

    protected void ForgetWhatRan() => _ran.Clear();

    protected static async Task<IReadOnlyList<Core.Pipelines.ActionResult>> MakeAsync(OrchestrationHandle run, params ActionSpec[] actions) =>
        await run.MakeActionsAsync(actions, cancellation: Soon);

    /// <summary>Runs a chain of actions, each reading what the one before wrote; returns the object that the last one wrote.</summary>
    protected async Task<string> MakeChainAsync(OrchestrationHandle run, int length)
    {
        for (var i = 0; i < length; i++)
            Assert.True((await MakeAsync(run, Act($"a{i}", i == 0 ? [] : [$"b/o{i - 1}"], $"b/o{i}")))[0].Success);
        ForgetWhatRan();
        return $"b/o{length - 1}";
    }

    private InvokeReply Run(InvokeRequest request)
    {
        if (IsGone(request.Name))
            return new InvokeReply.Failed(null, null, AttemptOutcome.Rejected, new Failure("404", $"There is no action '{request.Name}' (404)."), ObjectReport.None);
        _ran.Enqueue(request.Name);
        Before(request.Name);
        if (Fails(request.Name))
            return ScriptedInvoker.Failed(message: $"{request.Name} cannot");
        using var document = request.Parameters.ToDocument();
        var inputs = new List<string>();
        var reads = ImmutableArray.CreateBuilder<ObjectAccess>();
        foreach (var key in document.RootElement.GetProperty("in").EnumerateArray().Select(k => k.GetString()!))
        {
            if (Store.Get(key) is not { } content)
            {
                var error = JsonBytes.Parse($$$"""{"code":"NoSuchKey","message":"{{{key}}} is gone","meta":{"key":"{{{key}}}"}}""");
                return new InvokeReply.Failed(null, null, AttemptOutcome.ApplicationError, Failure.FromActionError(error), new ObjectReport(reads.ToImmutable(), [], [Access(key, "")]));
            }

            inputs.Add(content);
            reads.Add(Access(key, content));
        }

        var made = Content(request.Name, string.Join(',', inputs));
        var writes = ImmutableArray.CreateBuilder<ObjectAccess>();
        foreach (var key in document.RootElement.GetProperty("out").EnumerateArray().Select(k => k.GetString()!))
        {
            Store.Put(key, made);
            writes.Add(Access(key, made));
        }

        After(request.Name);
        return new InvokeReply.Succeeded(null, null, JsonBytes.EmptyObject, new ObjectReport(reads.ToImmutable(), writes.ToImmutable(), []));
    }

    private ObjectAccess Access(string key, string content) => new(ObjectKey.Parse(key), content.Length, content.Length == 0 ? null : content, Sys.Scheduler.Now);

    private static string Quoted(string[] keys) => string.Join(',', keys.Select(k => $"\"{k}\""));
}
