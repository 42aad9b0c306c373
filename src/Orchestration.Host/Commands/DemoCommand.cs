using System.CommandLine;
using System.Globalization;
using Orchestration.Actors.Client;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.State;
using Orchestration.Host.Demos;
using Orchestration.Host.Installing;
using Orchestration.Host.Remote;
using Orchestration.Host.Running;
using Orchestration.Host.Settings;
using Orchestration.Host.Terminals;
using Orchestration.Workflows;

namespace Orchestration.Host.Commands;

/// <summary><c>demo</c>: transcodes a real film in parallel, on the local OpenWhisk unless told otherwise.</summary>
internal static class DemoCommand
{
    private const int DefaultChunks = 5;
    private const int DefaultParallelism = 2;
    private const string DefaultResolution = "360p";
    private const string DefaultOutput = "demo-output.mp4";
    private const string InputBucket = "input-video";

    private static readonly Tool[] Needed = [new("ffmpeg", "ffmpeg"), new("ffprobe", "ffmpeg"), new("python3", "python3")];

    private static readonly Option<string?> Input = new("--input") { HelpName = "FILE", Description = "The film to transcode [default: a clip of one minute, made with ffmpeg]" };

    private static readonly Option<int?> Chunks = CommonOptions.AtLeastOne(new("--chunks") { HelpName = "N", Description = $"Into how many chunks it is cut [default: {DefaultChunks}]" });

    private static readonly Option<string?> Resolution = new("--resolution")
    {
        HelpName = string.Join('|', DemoCheck.Resolutions.Keys),
        Description = $"The film's new size [default: {DefaultResolution}]",
    };

    private static readonly Option<int?> Parallelism = CommonOptions.AtLeastOne(new("--parallelism") { HelpName = "N", Description = $"How many chunks are transcoded at once [default: {DefaultParallelism}]" });

    private static readonly Option<string?> Output = new("--output") { HelpName = "FILE", Description = $"Where the transcoded film goes [default: {DefaultOutput} in the working folder]" };

    private static readonly Option<bool> LoseChunk = new("--lose-chunk") { Description = "Remove a transcoded chunk before the chunks are joined, and show how it is made again" };

    public static Command Create()
    {
        Resolution.AcceptOnlyFromAmong([.. DemoCheck.Resolutions.Keys]);
        var command = new Command("demo", "Transcode a film in parallel with the sample workflow and show its metrics.") { Input, Chunks, Resolution, Parallelism, Output, LoseChunk };
        CommonOptions.AddSession(command);
        CommonOptions.AddPlatform(command);
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var (line, settings, terminal) = (invocation.Line, invocation.Settings, invocation.Terminal);
        var given = line.GetValue(Input) is { Length: > 0 } path ? Path.GetFullPath(path) : null;
        if (given is not null && !File.Exists(given))
            throw CommandException.Usage($"--input: there is no file '{given}'. Check the path and the folder you are in.");
        var output = Path.GetFullPath(line.GetValue(Output) ?? DefaultOutput);
        var resolution = line.GetValue(Resolution) ?? DefaultResolution;
        var workflow = LoadWorkflow();

        await Tools.EnsureAsync(Needed, terminal, invocation.Interruption);
        // Opened here already, so that a directory that cannot be used is told before a clip is made in it.
        using (OwnerClient.Find(settings) as IDisposable ?? Persistence.Sqlite.DataDirectory.Open(settings.DataDirectory))
        {
            var film = given ?? await DemoClip.MakeAsync(settings.DataDirectory, terminal, invocation.Interruption);
            await Film.ProbeAsync(film, invocation.Interruption);
            var plan = Plan(workflow, film, line.GetValue(Chunks) ?? DefaultChunks, line.GetValue(Parallelism) ?? DefaultParallelism, resolution, output, settings);
            var result = await WorkflowRuns.StartAsync(invocation, Choose(settings), plan with { LosesChunk = line.GetValue(LoseChunk) });
            if (result.Report is { Status: OrchestrationStatus.Completed })
                await DemoCheck.RunAsync(plan.Note.Demo!, output, terminal, invocation.Interruption);
            return result.ExitCode;
        }
    }

    // A demo must not surprise the owner of an OpenWhisk that is set for other work.
    private static OpenWhiskChoice Choose(HostSettings settings) => OpenWhiskChoice.Make(settings.OpenWhisk?.Source == CommonOptions.OpenWhisk.Name
        ? settings
        : settings with { OpenWhisk = new Given(OpenWhiskChoice.LocalName, "the demo's default; --openwhisk names another") });

    private static RunPlan Plan(WorkflowFile workflow, string film, int chunks, int parallelism, string resolution, string output, HostSettings settings)
    {
        // The name becomes part of object keys and file names.
        var name = string.Concat(Path.GetFileName(film).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '_'));
        var pipeline = workflow.ToPipeline(new Dictionary<string, JsonBytes>
        {
            ["input"] = JsonBytes.FromString(name),
            ["chunks"] = JsonBytes.Parse(chunks.ToString(CultureInfo.InvariantCulture)),
            ["resolution"] = JsonBytes.FromString(resolution),
            ["parallelism"] = JsonBytes.Parse(parallelism.ToString(CultureInfo.InvariantCulture)),
        });
        var note = new RunNote
        {
            WorkflowFile = ProjectFiles.TranscoderWorkflow,
            Gets = [new Transfer(null, output)],
            Insecure = settings.Insecure ?? false,
            PoolSize = settings.PoolSize,
            MaxInFlight = settings.MaxInFlight,
            BlockingWait = settings.BlockingWait,
            Demo = new DemoNote(film, resolution),
        };
        return new RunPlan(workflow, new StartRequest(workflow.Name) { Pipeline = pipeline }, note, [new Transfer(ObjectKey.Of(InputBucket, name), film)]);
    }

    private static WorkflowFile LoadWorkflow() => ProjectFiles.TranscoderWorkflow is { } file
        ? WorkflowFile.Load(file)
        : throw CommandException.Failure($"samples/transcoder is not beside the program in {AppContext.BaseDirectory} nor in a folder above it. Install it whole, or run it from its source tree.");
}
