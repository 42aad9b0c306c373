using System.Diagnostics;

namespace Orchestration.LocalWhisk.Tests.Support;

internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Asks again and again until the answer is yes.</summary>
    public static async Task TrueAsync(Func<Task<bool>> isTrue, string what)
    {
        var begin = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await isTrue())
        {
            Assert.True(Stopwatch.GetElapsedTime(begin) < Patience, $"Waited {Patience.TotalSeconds:F0} s in vain: {what}.");
            await timer.WaitForNextTickAsync();
        }
    }

    public static Task TrueAsync(Func<bool> isTrue, string what) => TrueAsync(() => Task.FromResult(isTrue()), what);
}
