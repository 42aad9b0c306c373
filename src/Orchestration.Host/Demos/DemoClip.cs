using Orchestration.Host.Installing;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Demos;

/// <summary>Makes the demo's film when none is given: a minute of a test picture with sound, kept for the next time.</summary>
internal static class DemoClip
{
    private const int Seconds = 60;

    /// <summary>The film's path.</summary>
    public static async Task<string> MakeAsync(string dataDirectory, Terminal terminal, CancellationToken cancellation)
    {
        var folder = Path.Combine(dataDirectory, "demo");
        var clip = Path.Combine(folder, $"clip-{Seconds}s.mp4");
        if (File.Exists(clip))
            return clip;
        terminal.Note($"making a clip of {Seconds} s with ffmpeg's generators (kept for the next time) ...");
        Directory.CreateDirectory(folder);
        var part = Path.Combine(folder, "clip.part.mp4");
        // A key frame each second: the splitter cuts at key frames.
        var done = await ProgramRun.RunAsync(
            "ffmpeg",
            [
                "-nostdin", "-v", "error", "-y",
                "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25",
                "-f", "lavfi", "-i", "sine=frequency=440:beep_factor=4:sample_rate=48000",
                "-t", $"{Seconds}", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "30", "-g", "25", "-pix_fmt", "yuv420p",
                "-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart", part,
            ],
            cancellation);
        if (done.ExitCode != 0)
            throw CommandException.Failure($"ffmpeg could not make the clip: {Humanize.Shorten(done.Errors, 500)} Give a film of your own with --input.");
        File.Move(part, clip, overwrite: true);
        return clip;
    }
}
