using BenchmarkDotNet.Attributes;
using Orchestration.Core.Actions;
using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;
using Orchestration.Core.Scheduling;
using Orchestration.Core.Serialization;
using Orchestration.Core.SharedObjects;
using Orchestration.Core.State;

namespace Orchestration.MicroBenchmarks;

/// <summary>What one action costs without any I/O: deciding, applying, writing facts down, handing workers and grants on.</summary>
[MemoryDiagnoser]
public class Deciding
{
    private const int Actions = 10_000;
    private const int Running = 100;

    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly OrchestrationId Id = OrchestrationId.Parse("6b07e37f5e4720760f1cd90f");
    private static readonly AttemptRef First = new(0, 0, 1);

    private OrchestrationState _state = OrchestrationState.Empty;
    private ReportEnd _end = null!;
    private Commit _commit = null!;
    private byte[] _json = [];
    private WorkerPool<object, AttemptRef> _pool = null!;
    private WriteQueue _queue = null!;
    private WriteQueueState _line = WriteQueueState.Empty;

    /// <summary>A batch of 10,000 with 100 of 101 under way, and a line of 100 writers.</summary>
    [GlobalSetup]
    public void Setup()
    {
        Store(new Start(Time, Id, "benchmark", new Platform("http://openwhisk", "_", ""), null, JsonBytes.Null, "here"));
        var specs = Enumerable.Range(0, Actions).Select(i => new ActionSpec("noop", JsonBytes.Parse($$"""{"n":{{i}}}""")));
        Store(new AddBatch(Time, new BatchSpec("all", [.. specs], new BatchOptions(Running + 1, RetryPolicy.Default, Writers.Single)), ActionId.Parse("6b07e37f000000000f1cd90f"), false));
        Store(new StartAttempts(Time, Running));
        _end = new ReportEnd(Time, First, new InvokeReply.Succeeded("0f5d", new ActivationTiming(Time, Time), JsonBytes.Parse("""{"ok":true}"""), ObjectReport.None), 0.5);
        _commit = new Commit(Decider.Decide(_state, _end).Facts.AddRange(Decider.Decide(_state, new StartAttempts(Time, 1)).Facts));
        _json = FactJson.Write(_commit);
        _pool = new WorkerPool<object, AttemptRef>(Running);
        _queue = new WriteQueue(TimeSpan.FromMinutes(1), 10_000);
        for (var i = 0; i < Running; i++)
            Store(new WriteCommand.Acquire(Time, Request(i), ObjectKey.Parse("bucket/key"), "http://store"));
    }

    /// <summary>The end of an attempt: decided and applied.</summary>
    [Benchmark]
    public OrchestrationState EndOfAnAttempt() => StateFold.Apply(_state, new Commit(Decider.Decide(_state, _end).Facts), 4);

    /// <summary>The next attempt: decided and applied.</summary>
    [Benchmark]
    public OrchestrationState StartOfAnAttempt() => StateFold.Apply(_state, new Commit(Decider.Decide(_state, new StartAttempts(Time, 1)).Facts), 4);

    /// <summary>The row of both, written as JSON.</summary>
    [Benchmark]
    public byte[] WriteRow() => FactJson.Write(_commit);

    /// <summary>The row of both, read back.</summary>
    [Benchmark]
    public Commit ReadRow() => FactJson.Read(_json);

    /// <summary>A worker takes an attempt and is free again.</summary>
    [Benchmark]
    public object HandOff()
    {
        var worker = _pool.Assign(First, static () => new object());
        _pool.Finish(worker, First);
        return worker;
    }

    /// <summary>The first of 100 writers of an object is done and the second gets its grant: decided and applied.</summary>
    [Benchmark]
    public WriteQueueState HandOver() => WriteFold.Apply(_line, new WriteCommit(_queue.Decide(_line, new WriteCommand.Release(Time, Request(0).Ticket, true))));

    private static WriteRequest Request(int number) => new(new WriteTicket(Id, new AttemptRef(0, number, 1)), ActionId.Parse("6b07e37f000000000f1cd90f"), "noop");

    private void Store(Command command)
    {
        var decision = Decider.Decide(_state, command);
        if (decision.Refusal is { } refusal)
            throw new InvalidOperationException(refusal.Message);
        _state = StateFold.Apply(_state, new Commit(decision.Facts), _state.Started is null ? 1 : 3);
    }

    private void Store(WriteCommand command) => _line = WriteFold.Apply(_line, new WriteCommit(_queue.Decide(_line, command)));
}
