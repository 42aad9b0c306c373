using System.Globalization;
using System.Text.Json;
using Orchestration.Host.Installing;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Demos;

/// <summary>What ffprobe says of a film.</summary>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Duration">How long it plays.</param>
/// <param name="HasSound">Whether it has a sound track.</param>
internal sealed record Film(int Width, int Height, TimeSpan Duration, bool HasSound)
{
    /// <exception cref="CommandException">It is no film.</exception>
    public static async Task<Film> ProbeAsync(string file, CancellationToken cancellation)
    {
        var done = await ProgramRun.RunAsync("ffprobe", ["-v", "error", "-show_format", "-show_streams", "-of", "json", file], cancellation);
        if (done.ExitCode != 0)
            throw CommandException.Failure($"'{file}' is no film that ffmpeg can read: {Humanize.Shorten(done.Errors, 300)} Choose another one with --input.");
        using var document = JsonDocument.Parse(done.Output);
        var streams = document.RootElement.GetProperty("streams").EnumerateArray().ToList();
        var video = streams.Find(s => Text(s, "codec_type") == "video");
        if (video.ValueKind == JsonValueKind.Undefined)
            throw CommandException.Failure($"'{file}' has no picture. Choose a film with --input.");
        var seconds = double.TryParse(Text(document.RootElement.GetProperty("format"), "duration"), NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;
        return new Film(video.GetProperty("width").GetInt32(), video.GetProperty("height").GetInt32(), TimeSpan.FromSeconds(seconds), streams.Exists(s => Text(s, "codec_type") == "audio"));
    }

    private static string? Text(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) ? value.GetString() : null;
}
