using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using Orchestration.Core.Scheduling;
using Orchestration.Host.Progress;

namespace Orchestration.Host.Tests.Progress;

public sealed class PacingNotesTests
{
    [Fact]
    public async Task A_limit_is_told_once_and_again_when_it_changes()
    {
        PacingSnapshot[] looks = [Of(PacingBound.None), Of(PacingBound.Concurrency), Of(PacingBound.PerMinute), Of(PacingBound.None), Of(PacingBound.PerMinute), Of(PacingBound.PerMinute, 40), Of(PacingBound.Unavailable)];
        var said = new ConcurrentQueue<string>();
        var looked = 0;
        var clock = new FakeTimeProvider();
        await using (new PacingNotes(() => Task.FromResult(looks[Math.Min(Interlocked.Increment(ref looked), looks.Length) - 1]), said.Enqueue, clock))
        {
            Assert.True(await Task.Run(() => SpinWait.SpinUntil(
                () =>
                {
                    clock.Advance(TimeSpan.FromSeconds(1));
                    return Volatile.Read(ref looked) >= looks.Length;
                },
                TimeSpan.FromSeconds(20))));
        }

        Assert.Equal(["paced: 60/min (OpenWhisk's limit of the namespace)", "paced: 40/min (OpenWhisk's limit of the namespace)", "OpenWhisk does not answer; trying again"], said);
    }

    private static PacingSnapshot Of(PacingBound bound, int perMinute = 60) => new(bound, null, 3, 30, 1, perMinute, 3);
}
