using Akka.Actor;

namespace Orchestration.TestKit;

/// <summary>One life of the process under test, from its start to its crash or end. Whatever it does after its crash does not happen.</summary>
internal sealed class Life
{
    private static readonly Task Never = new TaskCompletionSource().Task;

    private IScheduler? _clock;
    private volatile bool _hasCrashed;

    /// <summary>Called once, when it crashes.</summary>
    public TaskCompletionSource Crashed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool HasCrashed => _hasCrashed;

    public DateTimeOffset Now => _clock!.Now;

    public void Begin(IScheduler clock) => _clock = clock;

    public void Crash()
    {
        _hasCrashed = true;
        Crashed.TrySetResult();
    }

    public Task MustLiveAsync() => _hasCrashed ? Never : Task.CompletedTask;

    public async Task DelayAsync(TimeSpan time)
    {
        if (time > TimeSpan.Zero)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _clock!.Advanced.ScheduleOnce(time, () => done.TrySetResult());
            await done.Task;
        }
        await MustLiveAsync();
    }
}
