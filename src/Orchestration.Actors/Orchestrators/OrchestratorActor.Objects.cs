using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Orchestration.Actors.Objects;
using Orchestration.Actors.Protocol;
using Orchestration.Core.Decisions;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Ports;
using Failure = Orchestration.Core.Retries.Failure;

namespace Orchestration.Actors.Orchestrators;

/// <summary>
/// What an orchestrator's pipeline wants from the object store. Items are kept until the batch made of them is stored, and read again when the process
/// dies before; that results were written is a fact, and they are written again when the process dies before that is stored.
/// </summary>
internal sealed partial class OrchestratorActor
{
    private const int StoreAttempts = 5;

    // What may pass by itself. All else, such as a key that is not accepted, stays as it is until somebody changes it.
    private static readonly string[] PassingCodes = ["EndpointUnreachable", "InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout", "XMinioServerNotInitialized"];

    private readonly CancellationTokenSource _leaving = new();
    private readonly HashSet<string> _storing = new(StringComparer.Ordinal);
    private ImmutableDictionary<string, ExpandedItems> _items = ImmutableDictionary<string, ExpandedItems>.Empty;
    private ImmutableDictionary<string, Failure> _uncollected = ImmutableDictionary<string, Failure>.Empty;
    private ImmutableArray<StoreWork> _wanted = [];

    protected override void PostStop()
    {
        _program?.Cancel();
        _leaving.Cancel();
        _leaving.Dispose();
        _trace.Stop();
        base.PostStop();
    }

    private void TakeStoreWork()
    {
        Command<Expanded>(done =>
        {
            _storing.Remove(done.Step);
            _items = _items.SetItem(done.Step, done.Items);
            _pipelineIsDue = true;
            Flush();
        });
        Command<Collected>(done =>
        {
            _storing.Remove(done.Step);
            Report(new ReportCollected(Now, done.Step, done.Object));
        });
        Command<StoreWorkFailed>(OnStoreFailure);
        Command<StoreWork>(Perform);
    }

    private void Want(PipelineDecision.Run run) => _wanted =
    [
        .. run.Expansions.Select(e => new StoreWork(e.Step, e, null, 1)),
        .. run.Collections.Select(c => new StoreWork(c.Step, null, c, 1)),
    ];

    /// <summary>Begins what is wanted and not under way; results are read from rows that are stored.</summary>
    private void BeginStoreWork()
    {
        var wanted = _wanted;
        _wanted = [];
        foreach (var work in wanted)
            if (_storing.Add(work.Step))
                Perform(work);
    }

    private void Perform(StoreWork work)
    {
        if (_state.Ended)
        {
            _storing.Remove(work.Step);
            return;
        }

        if (_environment.ObjectStore is not { } store)
            Self.Tell(new StoreWorkFailed(work, new ItemsException("the workflow uses the object store, and there is none. Give one (on the command line with --object-store).")));
        else if (work.Expansion is { } expansion)
            ItemReading.ReadAsync(store, expansion, _leaving.Token)
                .PipeTo(Self, success: items => new Expanded(work.Step, items), failure: e => new StoreWorkFailed(work, e));
        else
            ResultWriting.WriteAsync(store, work.Collection!.Target, _environment.Journal, _id, _state.Batches[_state.Keys[work.Step]], _leaving.Token)
                .PipeTo(Self, success: info => new Collected(work.Step, info), failure: e => new StoreWorkFailed(work, e));
    }

    private void OnStoreFailure(StoreWorkFailed failed)
    {
        var (work, cause) = (failed.Work, failed.Cause is AggregateException { InnerExceptions: [var only] } ? only : failed.Cause);
        if (cause is OperationCanceledException)
            return;
        var passes = cause is not ItemsException && (cause is not ObjectStoreException refused || PassingCodes.Contains(refused.Code));
        if (passes && work.Attempt < StoreAttempts)
        {
            _log.Warning("The object store did not serve step {0} of {1} ({2}); trying again.", work.Step, _id, cause.Message);
            Timers.StartSingleTimer((nameof(StoreWork), work.Step), work with { Attempt = work.Attempt + 1 }, TimeSpan.FromSeconds(1 << (work.Attempt - 1)));
            return;
        }

        _storing.Remove(work.Step);
        var failure = new Failure((cause as ObjectStoreException)?.Code ?? "OBJECT_STORE", cause.Message);
        if (work.Expansion is null)
            _uncollected = _uncollected.SetItem(work.Step, failure);
        else
            _items = _items.SetItem(work.Step, new ExpandedItems([], null, failure));
        _pipelineIsDue = true;
        Flush();
    }

    private sealed record StoreWork(string Step, ItemsRequest? Expansion, CollectRequest? Collection, int Attempt) : ILocalMessage;

    private sealed record Expanded(string Step, ExpandedItems Items) : ILocalMessage;

    private sealed record Collected(string Step, ObjectInfo Object) : ILocalMessage;

    private sealed record StoreWorkFailed(StoreWork Work, Exception Cause) : ILocalMessage;
}
