using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Samples;

/// <summary>Each sample in its three forms: a workflow file, a C# program, a Python orchestrator.</summary>
public sealed partial class SampleTests : Workplace
{
    private const string Answer = "Did somebody say \"Hello, Ada!\"? Yes, and it came through three actions.";

    [Theory]
    [InlineData("hello", "question")]
    [InlineData("transcoder", "splitter")]
    [InlineData("chatbot", "train-classifier")]
    public async Task A_workflow_file_is_one(string sample, string action)
    {
        Assert.Contains("no mistakes", (await RunAsync("validate", Sample(sample, "workflow.yaml"))).MustExitWith(0).Output, StringComparison.Ordinal);
        Assert.Contains($"{action}: created", (await RunAsync("action", "deploy", Sample(sample, "workflow.yaml"))).MustExitWith(0).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("where is my money", "refund")]
    [InlineData("are you open today", "opening-hours")]
    [InlineData("thank you so much", "thanks")]
    public async Task The_chatbot_tells_what_a_sentence_is_about(string text, string intent)
    {
        var run = (await RunAsync("run", Sample("chatbot", "workflow.yaml"), "--put", $"chatbot-data/intents.json={Sample("chatbot", "intents.json")}", "-p", $"text={text}", "--json")).MustExitWith(0).Json();

        Assert.Equal(intent, run.GetProperty("output").GetProperty("intent").GetString());
        // Five bundles of three intents, each with a matrix of its own sentences and one of the others'.
        Assert.Equal(5, run.GetProperty("actions").EnumerateArray().Count(a => a.GetProperty("step").GetString() == "train"));
        Assert.Equal(1 + (2 * 15) + 15, run.GetProperty("totals").GetProperty("objectsWritten").GetInt32());
    }

    [Fact]
    public async Task The_csharp_programs_do_the_same()
    {
        Assert.Contains("answer: " + Answer, await ProgramAsync("hello", "Ada"), StringComparison.Ordinal);
        Assert.Contains("\"intent\":\"refund\"", await ProgramAsync("chatbot", "where", "is", "my", "money"), StringComparison.Ordinal);
        Assert.Contains("output: \"processed-video/output_film_", await ProgramAsync("transcoder", await MakeFilmAsync()), StringComparison.Ordinal);
        // The command line sees them.
        Assert.Equal(3, Regex.Count((await RunAsync("runs", "list")).MustExitWith(0).Output, "completed"));
    }

    [Fact]
    public async Task A_csharp_program_that_is_killed_goes_on_where_it_was_when_it_is_started_again()
    {
        var film = await MakeFilmAsync();
        using var program = Process.Start(Info("dotnet", ProgramFile, "transcoder", film))!;
        var id = "";
        while (await program.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Ids().Match(line) is { Success: true } found)
                id = found.Value;
            // The first batch is made then.
            if (line.EndsWith("chunks", StringComparison.Ordinal))
                break;
        }
        program.Kill(entireProcessTree: true);
        await program.WaitForExitAsync();

        Assert.Contains("output: \"processed-video/output_film_", await ProgramAsync("resume", id), StringComparison.Ordinal);
        var actions = (await RunAsync("runs", "show", id, "--json")).MustExitWith(0).Json().GetProperty("actions");
        Assert.Single(actions.EnumerateArray(), a => a.GetProperty("name").GetString() == "splitter" && a.GetProperty("attempts").GetArrayLength() == 1);
    }

    [Fact]
    public async Task The_python_orchestrators_do_the_same()
    {
        var command = Write("orchestration", $"#!/bin/sh\nexec dotnet \"{HostProcess.Assembly}\" \"$@\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(command, (UnixFileMode)0b111_101_101);
        foreach (var sample in new[] { "transcoder", "hello", "chatbot" })
            (await RunAsync("action", "deploy", Sample(sample, "workflow.yaml"))).MustExitWith(0);
        try
        {
            Assert.Contains("answer: " + Answer, await PythonAsync("hello", "Ada"), StringComparison.Ordinal);
            Assert.Contains("(refund, 1.0)", await PythonAsync("chatbot", "where is my money"), StringComparison.Ordinal);
            var transcoded = await PythonAsync("transcoder", await MakeFilmAsync(), "--lose-chunk");
            Assert.Contains("output: processed-video/output_film_", transcoded, StringComparison.Ordinal);
            // The chunk that was lost was made again.
            Assert.Contains("Number of attempts - 2", transcoded, StringComparison.Ordinal);
        }
        finally
        {
            var pid = await File.ReadAllTextAsync(ApiOfTest.FileIn(Folder));
            using var service = Process.GetProcessById(int.Parse(Regex.Match(pid, "\"pid\": *([0-9]+)").Groups[1].Value, CultureInfo.InvariantCulture));
            service.Kill(entireProcessTree: true);
            await service.WaitForExitAsync();
        }
    }

    private static string ProgramFile => Path.Combine(Path.GetDirectoryName(HostProcess.Assembly)!, "..", "..", "Programs", "release", "Programs.dll");

    private static string Sample(string sample, string file) => Path.Combine(SourceTree, "samples", sample, file);

    private async Task<string> ProgramAsync(params string[] arguments) => await OutputOfAsync(Info("dotnet", [ProgramFile, .. arguments]));

    private async Task<string> PythonAsync(string sample, params string[] arguments)
    {
        var info = Info("python3", [Sample(sample, "orchestrator.py"), .. arguments]);
        info.Environment["PYTHONPATH"] = Path.Combine(SourceTree, "sdk", "python");
        info.Environment["ORCHESTRATION_COMMAND"] = PathOf("orchestration");
        info.Environment["Orchestration__OpenWhisk"] = "local";
        return await OutputOfAsync(info);
    }

    private ProcessStartInfo Info(string program, params string[] arguments)
    {
        var info = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        info.Environment["HOME"] = Folder;
        return info;
    }

    private static async Task<string> OutputOfAsync(ProcessStartInfo info)
    {
        using var process = Process.Start(info)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}:\n{await output}\n{await errors}");
        return await output;
    }

    private async Task<string> MakeFilmAsync()
    {
        var film = PathOf("film.mp4");
        await OutputOfAsync(Info("ffmpeg", "-y", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=duration=4:size=160x120:rate=10", "-f", "lavfi", "-i", "sine=duration=4", "-c:v", "libx264", "-g", "10", "-c:a", "aac", film));
        return film;
    }

    [GeneratedRegex("[0-9a-f]{24}")]
    private static partial Regex Ids();
}
