using System.Diagnostics;
using System.Globalization;
using Orchestration.Actors.Client;
using Orchestration.Core.Actions;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;

namespace Orchestration.Benchmarks.SharedObjects;

/// <summary>Measures what it takes to stand in line for one object: memory for each writer that waits, and time for each hand-over.</summary>
internal static class WriterLine
{
    private const int Writers = 10_000;
    private const int WarmUp = 500;

    private static readonly ObjectKey Log = ObjectKey.Parse("out/log.txt");

    /// <summary>Measures and prints.</summary>
    /// <param name="output">Where to print.</param>
    /// <returns>0 when each writer wrote once.</returns>
    public static async Task<int> PrintAsync(TextWriter output)
    {
        var invoker = new GatedInvoker();
        await using var side = await OrchestratorSide.StartAsync(invoker);
        await MeasureAsync(side, invoker, WarmUp, shares: true);
        var alone = await MeasureAsync(side, invoker, Writers, shares: false);
        var inLine = await MeasureAsync(side, invoker, Writers, shares: true);
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{Writers:N0} writers of one object: {inLine.Bytes / Writers:N0} bytes each while they wait, {alone.Bytes / Writers:N0} of them as actions of a batch that share nothing; "
            + $"{(inLine.Time - alone.Time).TotalMilliseconds / Writers:N2} ms a hand-over besides the attempt, {inLine.Time.TotalMilliseconds / Writers:N2} ms with it"));
        return inLine.Invocations == Writers ? 0 : 1;
    }

    // One after another also when they share nothing, so that the difference is what the line costs.
    private static async Task<(long Bytes, TimeSpan Time, int Invocations)> MeasureAsync(OrchestratorSide side, GatedInvoker invoker, int writers, bool shares)
    {
        invoker.Close();
        var run = await side.Client.StartAsync(new StartRequest("writers"));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var batch = run.MakeActionsAsync(
            Enumerable.Range(0, writers).Select(i => new ActionSpec("append", JsonBytes.Parse($$"""{"n":{{i}}}""")) { Writes = shares ? [Log] : [] }), shares ? writers : 1);
        await invoker.Held;
        if (shares)
            await WaitForLineAsync(side, writers - 1);
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        var watch = Stopwatch.StartNew();
        invoker.Open();
        var results = await batch;
        var time = watch.Elapsed;
        if (results.Any(r => !r.Success))
            throw new InvalidOperationException("A writer failed.");
        await run.CompleteAsync();
        return (bytes, time, invoker.Count);
    }

    private static async Task WaitForLineAsync(OrchestratorSide side, int waiting)
    {
        using var runs = new StoredRuns(RunStorage.Of(new HostSettings { DataDirectory = side.DataDirectory }));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (runs.ReadWriters("", Log).Waiting.Count < waiting)
            await timer.WaitForNextTickAsync();
    }

    /// <summary>An OpenWhisk whose first activation goes on until it is let go; the others end at once.</summary>
    private sealed class GatedInvoker : IActionInvoker
    {
        private TaskCompletionSource _gate = new();
        private TaskCompletionSource _held = new();
        private int _count;

        public Task Held => _held.Task;

        public int Count => _count;

        public void Close() => (_gate, _held, _count) = (new(TaskCreationOptions.RunContinuationsAsynchronously), new(TaskCreationOptions.RunContinuationsAsynchronously), 0);

        public void Open() => _gate.SetResult();

        public async Task<InvokeReply> InvokeAsync(InvokeRequest request, CancellationToken cancellation)
        {
            Interlocked.Increment(ref _count);
            _held.TrySetResult();
            await _gate.Task.WaitAsync(cancellation);
            return new InvokeReply.Succeeded($"{request.ActionId.Value}{request.Attempt:x8}", null, JsonBytes.EmptyObject, ObjectReport.None);
        }

        public Task<InvokeReply> GetActivationAsync(InvokeRequest request, string activationId, CancellationToken cancellation) =>
            Task.FromResult<InvokeReply>(new InvokeReply.Succeeded(activationId, null, JsonBytes.EmptyObject, ObjectReport.None));

        public Task<TimeSpan> GetTimeLimitAsync(string actionName, CancellationToken cancellation) => Task.FromResult(TimeSpan.FromMinutes(1));
    }
}
