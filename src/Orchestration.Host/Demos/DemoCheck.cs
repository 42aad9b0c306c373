using System.Globalization;
using Orchestration.Host.Running;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Demos;

/// <summary>Looks whether the demo's film is what was asked for, and says where it is.</summary>
internal static class DemoCheck
{
    /// <summary>The sizes of the transcoder sample.</summary>
    public static readonly IReadOnlyDictionary<string, (int Width, int Height)> Resolutions = new Dictionary<string, (int, int)>
    {
        ["360p"] = (480, 360),
        ["480p"] = (858, 480),
        ["720p"] = (1280, 720),
        ["1080p"] = (1920, 1080),
    };

    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(0.5);

    /// <exception cref="CommandException">It is not.</exception>
    public static async Task RunAsync(DemoNote demo, string file, Terminal terminal, CancellationToken cancellation)
    {
        var made = await Film.ProbeAsync(file, cancellation);
        var size = Resolutions[demo.Resolution];
        var problems = new List<string>();
        if ((made.Width, made.Height) != size)
            problems.Add($"it is {made.Width}x{made.Height}, not {size.Width}x{size.Height}");
        // The input may be gone when the demo was resumed.
        if (File.Exists(demo.Input))
        {
            var input = await Film.ProbeAsync(demo.Input, cancellation);
            if ((made.Duration - input.Duration).Duration() > Tolerance)
                problems.Add($"it plays for {Humanize.Duration(made.Duration)}, and the input for {Humanize.Duration(input.Duration)}");
            if (made.HasSound != input.HasSound)
                problems.Add(input.HasSound ? "its sound is missing" : "it has a sound track that the input has not");
        }
        if (problems.Count > 0)
            throw CommandException.Failure($"The film {file} is not right: {string.Join("; ", problems)}.");
        terminal.Say(string.Create(CultureInfo.InvariantCulture,
            $"The transcoded film is {file}: {made.Width}x{made.Height}, {made.Duration.TotalSeconds:0.0} s, {(made.HasSound ? "with sound" : "without sound, as its input")}, {Humanize.Bytes(new FileInfo(file).Length)}"));
    }
}
