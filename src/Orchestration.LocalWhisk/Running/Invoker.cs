using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Orchestration.LocalWhisk.Actions;
using Orchestration.LocalWhisk.Activations;
using Orchestration.LocalWhisk.Compositions;
using Orchestration.LocalWhisk.Faults;
using Orchestration.LocalWhisk.Http;
using Orchestration.LocalWhisk.Storage;

namespace Orchestration.LocalWhisk.Running;

/// <summary>
/// Takes activations in and carries them through: stored as accepted, process, result, logs, record. Whoever waits for the
/// result has it before logs and record are there, as on the real platform.
/// </summary>
internal sealed class Invoker(
    LocalWhiskOptions options, ActionStore actions, ActionResolver resolver, ActivationStore activations, ActionProcessLauncher launcher, FaultPlan faults, Frames frames) : IAsyncDisposable
{
    private const string OutOfMemory = "The action exhausted its memory and was aborted.";
    private const string LogsIncomplete = "The action did not initialize or run as expected. Log data might be missing.";
    private static readonly TimeSpan LogPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);
    private readonly ILogger _logger = options.LoggerFactory.CreateLogger<Invoker>();
    private readonly ProcessPool _pool = new(options.MaxProcesses, options.MaxIdle);
    private MemoryWatch? _memory;
    private readonly Meter _meter = new();
    private readonly CancellationTokenSource _stopping = new();
    private int _inFlight;
    private int _open;

    public LocalWhiskMetrics Metrics => _meter.Snapshot(_pool.Waiting);

    /// <summary>Holds actions to their memory limits, where the settings say so.</summary>
    public void WatchMemory()
    {
        if (!options.EnforcesMemory)
            return;
        _memory = new MemoryWatch(_pool);
        _memory.Start();
    }

    /// <summary>Stores that the call is accepted and starts it.</summary>
    public Activation Accept(ResolvedAction action, byte[] arguments, string transactionId, long received)
    {
        if (_stopping.IsCancellationRequested)
            throw ApiException.Unavailable();
        var activation = new Activation(action, arguments, transactionId, received) { Within = new Composition(options, resolver, RunStepAsync) };
        Start(activation, isBounded: true);
        return activation;
    }

    /// <summary>Refuses a call while as many activations as are allowed are in flight.</summary>
    public void RequireRoom()
    {
        if (Volatile.Read(ref _inFlight) is var inFlight && inFlight >= options.MaxInFlight)
            throw TooMany(inFlight);
    }

    /// <summary>An update or delete ended this revision of the action.</summary>
    public void Retire(WhiskAction action) => _pool.Retire(action);

    /// <summary>
    /// Ends all processes and waits for the records of the activations that had ended before. The others get theirs at the next start.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        // Never disposed: calls that end while this one stops still ask it.
        await _stopping.CancelAsync();
        if (_memory is not null)
            await _memory.DisposeAsync();
        await _pool.CloseAsync();
        _pool.Dispose();
        var begin = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref _open) > 0 && Stopwatch.GetElapsedTime(begin) < StopPatience)
            await Task.Delay(TimeSpan.FromMilliseconds(5));
    }

    private ApiException TooMany(int inFlight) => new(429, $"Too many concurrent requests in flight (count: {inFlight}, allowed: {options.MaxInFlight}).");

    // What composes others takes no place itself; what it runs does, and is never refused.
    private void Start(Activation activation, bool isBounded)
    {
        var place = activation.IsComposition ? 0 : 1;
        var inFlight = Interlocked.Add(ref _inFlight, place);
        Interlocked.Increment(ref _open);
        try
        {
            if (isBounded && inFlight - place >= options.MaxInFlight)
                throw TooMany(inFlight - place);
            activations.Accept(activation);
            _ = CarryThroughAsync(activation);
        }
        catch
        {
            Leave(activation);
            throw;
        }
    }

    private void Leave(Activation activation)
    {
        if (!activation.IsComposition)
            Interlocked.Decrement(ref _inFlight);
        Interlocked.Decrement(ref _open);
    }

    private Task<CompletedActivation> RunStepAsync(Activation activation)
    {
        _stopping.Token.ThrowIfCancellationRequested();
        Start(activation, isBounded: false);
        return activation.Completion;
    }

    private async Task CarryThroughAsync(Activation activation)
    {
        try
        {
            // As the real invoker does that takes a broken connection to a runtime for a call that never began.
            if (!activation.IsComposition && faults.Strikes(FaultKind.Duplicate))
                await RunAsync(activation);
            var (completed, log) = activation.IsComposition ? (await activation.Within!.RunAsync(activation), null) : await RunAsync(activation);
            if (_stopping.IsCancellationRequested)
            {
                activation.Abandon();
                return;
            }
            activation.Complete(completed);
            var lines = await CollectAsync(log, completed.Outcome);
            await DelayRecordAsync(faults.Strikes(FaultKind.DelayRecord, out var delay) ? options.RecordDelay + delay : options.RecordDelay);
            if (faults.Strikes(FaultKind.DropRecord))
                activations.Forget(activation);
            else
                activations.Finish(activation, completed.Start, RecordJson.Full(completed, options.Namespace, lines));
        }
        catch (Exception e) when (_stopping.IsCancellationRequested && e is OperationCanceledException)
        {
            activation.Abandon();
        }
#pragma warning disable CA1031 // Nobody awaits this task: what goes wrong here must end in the log and with the waiting caller.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _logger.LogError(e, "Activation {ActivationId} of {Action} has no record: {Problem}", activation.IdText, activation.Action.Name, e.Message);
            activation.Abandon();
        }
        finally
        {
            Leave(activation);
        }
    }

    private async Task<(CompletedActivation Completed, LogSink? Log)> RunAsync(Activation activation)
    {
        while (true)
        {
            var seat = await _pool.AcquireAsync(activation.Action);
            if (actions.Find(activation.Action.Name) is null)
            {
                GiveBack(seat, isHealthy: true);
                var now = Now();
                return (new CompletedActivation(activation, Outcome.ApplicationError("Action could not be found or may have been deleted."), now, now, now - activation.Received, null), null);
            }
            _meter.Begin(activation.Action.Name.ToString());
            var turn = new Turn(activation);
            try
            {
                seat = await TakeTurnAsync(turn, seat);
            }
            finally
            {
                _meter.End(activation.Action.Name.ToString(), turn.Outcome is not null);
            }
            GiveBack(seat, turn.Outcome is { Status: OutcomeStatus.Success or OutcomeStatus.ApplicationError });
            if (turn.Outcome is { } outcome)
            {
                var end = Math.Max(turn.End, turn.Start);
                return (new CompletedActivation(activation, outcome, turn.Start, end, Math.Max(0, turn.Handled - activation.Received), turn.InitTime), turn.Log);
            }
        }
    }

    private void GiveBack(Seat seat, bool isHealthy)
    {
        if (seat.Process is not { } process)
            _pool.GiveUp();
        else if (isHealthy)
            _pool.Release(process, actions.Find(process.Action.Name) == process.Action);
        else
            _ = _pool.DiscardAsync(process);
    }

    /// <summary>Runs the call once; leaves no outcome where a warm process turned out to be gone before it was told anything.</summary>
    private async Task<Seat> TakeTurnAsync(Turn turn, Seat seat)
    {
        if (seat.Process is not { } process)
        {
            try
            {
                process = await launcher.LaunchAsync(turn.Activation.Action);
            }
            catch (CodeException e)
            {
                turn.EndEarly(Outcome.DeveloperError(e.Message), e.Detail);
                return seat;
            }
#pragma warning disable CA1031 // Whatever keeps a process from starting is one thing to the caller: no resources.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _logger.LogError(e, "No process for {Action}: {Problem}", turn.Activation.Action.Name, e.Message);
                turn.EndEarly(Outcome.WhiskError("Failed to provision resources to run the action."), e.Message);
                return seat;
            }
            _pool.Started(process);
        }
        turn.Begin(process.BeginLog());
        if (!process.IsInitialised)
        {
            await InitialiseAsync(turn, process);
            if (turn.Outcome is not null)
                return new Seat(process);
        }
        var limit = turn.Activation.Action.Limits.Timeout;
        var start = Now();
        turn.Start = start - (turn.InitTime ?? 0);
        var reply = await process.RunAsync(turn.Activation, frames, TimeSpan.FromMilliseconds(limit), options.MaxPayloadBytes);
        turn.End = Now();
        if (reply.Kind != ReplyKind.NotSent || turn.InitTime is not null)
            turn.Outcome = turn.End - start > limit ? Outcome.TimeLimit(limit, duringInitialization: false) : Interpret(reply, process);
        return new Seat(process);
    }

    private async Task InitialiseAsync(Turn turn, ActionRuntime process)
    {
        var limit = process.Action.Limits.Timeout;
        var start = Now();
        turn.Start = start;
        var reply = await process.InitialiseAsync(turn.Activation, frames, TimeSpan.FromMilliseconds(limit), options.MaxPayloadBytes);
        turn.End = Now();
        turn.InitTime = turn.End - start;
        process.IsInitialised = reply is { Kind: ReplyKind.Answer, Letter: 'A' };
        if (process.IsInitialised)
            return;
        turn.Outcome = reply.Kind switch
        {
            ReplyKind.TimedOut => Outcome.TimeLimit(limit, duringInitialization: true),
            ReplyKind.Answer when reply.Length > reply.Content.Length => Outcome.TooLong(reply.Length, options.MaxPayloadBytes, reply.Content.Span, duringInitialization: true),
            ReplyKind.Answer => Outcome.OfFailure(reply.Content.Span),
            _ when process.IsOutOfMemory => Outcome.DeveloperError(OutOfMemory),
            _ when process.Action.Exec.IsPython => Outcome.DeveloperError("Cannot start action. Check logs for details."),
            _ => Outcome.DeveloperError("The action did not initialize and exited unexpectedly."),
        };
    }

    private Outcome Interpret(Reply reply, ActionRuntime process) => reply.Kind switch
    {
        ReplyKind.TimedOut => Outcome.TimeLimit(process.Action.Limits.Timeout, duringInitialization: false),
        ReplyKind.Answer when reply.Length > reply.Content.Length => Outcome.TooLong(reply.Length, options.MaxPayloadBytes, reply.Content.Span, duringInitialization: false),
        ReplyKind.Answer when reply.Letter == 'R' => Outcome.OfResult(reply.Content.Span),
        ReplyKind.Answer => Outcome.OfFailure(reply.Content.Span),
        _ when process.IsOutOfMemory => Outcome.DeveloperError(OutOfMemory),
        // OpenWhisk's Python runtime has a proxy that outlives the action's process and says this; Node's dies with the action.
        _ when process.Action.Exec.IsPython => Outcome.DeveloperError("command exited"),
        _ => Outcome.DeveloperError("The action did not produce a valid response and exited unexpectedly."),
    };

    private async Task DelayRecordAsync(TimeSpan delay)
    {
        if (delay == TimeSpan.Zero)
            return;
        try
        {
            await Task.Delay(delay, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // A stop cuts the delay, not the record.
        }
    }

    private static async Task<IReadOnlyList<string>> CollectAsync(LogSink? log, Outcome outcome)
    {
        if (log is null)
            return [];
        try
        {
            await log.Ended.WaitAsync(LogPatience);
        }
        catch (TimeoutException)
        {
            return log.Close(LogsIncomplete);
        }
        return log.Close(outcome.Status == OutcomeStatus.DeveloperError ? LogsIncomplete : null);
    }

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    /// <summary>What comes to be known while a call runs. Times are epoch ms.</summary>
    private sealed class Turn(Activation activation)
    {
        public Activation Activation { get; } = activation;

        public Outcome? Outcome { get; set; }

        public LogSink? Log { get; private set; }

        public long Handled { get; private set; }

        public long Start { get; set; }

        public long End { get; set; }

        public long? InitTime { get; set; }

        public void Begin(LogSink log)
        {
            Log = log;
            Handled = Now();
        }

        public void EndEarly(Outcome outcome, string detail)
        {
            Begin(new LogSink(Activation.Action.Limits.LogBytes));
            foreach (var line in detail.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                Log!.Add("stderr", System.Text.Encoding.UTF8.GetBytes(line));
            Log!.EndStream();
            Log.EndStream();
            Start = End = Handled;
            Outcome = outcome;
        }
    }
}
