using Orchestration.Host.Demos;
using Orchestration.Host.Installing;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Commands;

public sealed class DemoTests : Workplace
{
    [Fact]
    public async Task The_demo_leaves_a_film_of_the_right_size_and_length_with_its_sound()
    {
        var clip = await MakeClipAsync();
        var result = (await RunAsync("demo", "--input", clip, "--chunks", "2", "--resolution", "480p", "--parallelism", "1")).MustExitWith(0);

        Assert.Contains($"The transcoded film is {PathOf("demo-output.mp4")}: 858x480, 4.5 s, with sound", result.Output, StringComparison.Ordinal);
        Assert.Contains("transcode: 2 actions, 1 at a time", result.Output, StringComparison.Ordinal);
        var film = await Film.ProbeAsync(PathOf("demo-output.mp4"), TestContext.Current.CancellationToken);
        Assert.Equal((858, 480, true), (film.Width, film.Height, film.HasSound));
        Assert.InRange(film.Duration.TotalSeconds, 4, 5);
    }

    [Fact]
    public async Task A_transcoded_chunk_that_is_lost_before_the_join_is_transcoded_again_and_nothing_else()
    {
        var result = (await RunAsync("demo", "--input", await MakeClipAsync(), "--chunks", "3", "--parallelism", "1", "--lose-chunk")).MustExitWith(0);

        var lines = result.Output.Split('\n');
        Assert.Contains(lines, l => l.StartsWith("removing transcoded-chunks/chunk_0_", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("lost       transcoded-chunks/chunk_0_", StringComparison.Ordinal));
        Assert.Contains("ran again  transcode[0]; nothing else of 5 actions", lines);
        Assert.Contains(lines, l => l.StartsWith("it cost    ", StringComparison.Ordinal));
        Assert.Contains($"The transcoded film is {PathOf("demo-output.mp4")}: 480x360, 4.5 s, with sound", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_an_ended_run_lost_chunk_and_source_are_made_again_by_splitter_and_one_transcode()
    {
        var demo = (await RunAsync("demo", "--input", await MakeClipAsync(), "--chunks", "3", "--json")).MustExitWith(0);
        var report = demo.Json();
        var id = report.GetProperty("orchId").GetString()!;
        var objects = report.GetProperty("objects").EnumerateArray().Select(o => o.GetProperty("object").GetString()!).ToList();
        string[] lost =
        [
            objects.Single(o => o.StartsWith("output-chunks/chunk_1_", StringComparison.Ordinal)),
            objects.Single(o => o.StartsWith("transcoded-chunks/chunk_1_", StringComparison.Ordinal)),
            objects.Single(o => o.StartsWith("processed-video/", StringComparison.Ordinal)),
        ];
        foreach (var key in lost)
            File.Delete(Path.Combine(Folder, ".orchestration", "store", key));

        var plan = (await RunAsync("runs", "heal", id, "--plan", "--json")).MustExitWith(0).Json();
        var jobs = plan.GetProperty("jobs").EnumerateArray().Select(j => j.GetProperty("label").GetString()).ToList();
        Assert.Equal(["splitter", "transcoder[1]", "combiner"], jobs);
        Assert.All(lost, key => Assert.False(File.Exists(Path.Combine(Folder, ".orchestration", "store", key))));

        var healed = (await RunAsync("runs", "heal", id, "--json")).MustExitWith(0).Json();
        var again = healed.GetProperty("actions").EnumerateArray().Where(a => a.GetProperty("step").GetString() != "heal").ToList();
        Assert.Equal(["splitter", "transcoder", "combiner"], again.Select(a => a.GetProperty("name").GetString()));
        Assert.Equal((3, 3), (healed.GetProperty("totals").GetProperty("recoveries").GetInt32(), healed.GetProperty("totals").GetProperty("recoveredObjects").GetInt32()));
        var film = await Film.ProbeAsync(Path.Combine(Folder, ".orchestration", "store", lost[2]), TestContext.Current.CancellationToken);
        Assert.InRange(film.Duration.TotalSeconds, 4, 5);

        Assert.Contains("0 objects of", (await RunAsync("runs", "heal", id)).MustExitWith(0).Output, StringComparison.Ordinal);
    }

    private async Task<string> MakeClipAsync()
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
        return clip;
    }
}
