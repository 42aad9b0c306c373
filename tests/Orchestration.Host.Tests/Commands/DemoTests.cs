using Orchestration.Host.Demos;
using Orchestration.Host.Installing;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Commands;

public sealed class DemoTests : Workplace
{
    [Fact]
    public async Task The_demo_leaves_a_film_of_the_right_size_and_length_with_its_sound()
    {
        var clip = PathOf("a short film.mp4");
        var made = await ProgramRun.RunAsync(
            "ffmpeg",
            [
                "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-f", "lavfi", "-i", "sine=frequency=440",
                "-t", "4.5", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "aac", clip,
            ],
            TestContext.Current.CancellationToken);
        Assert.Equal(0, made.ExitCode);

        var result = (await RunAsync("demo", "--input", clip, "--chunks", "2", "--resolution", "480p", "--parallelism", "1")).MustExitWith(0);

        Assert.Contains($"The transcoded film is {PathOf("demo-output.mp4")}: 858x480, 4.5 s, with sound", result.Output, StringComparison.Ordinal);
        Assert.Contains("transcode: 2 actions, 1 at a time", result.Output, StringComparison.Ordinal);
        var film = await Film.ProbeAsync(PathOf("demo-output.mp4"), TestContext.Current.CancellationToken);
        Assert.Equal((858, 480, true), (film.Width, film.Height, film.HasSound));
        Assert.InRange(film.Duration.TotalSeconds, 4, 5);
    }
}
