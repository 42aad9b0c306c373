using System.Text;
using Orchestration.Core.Json;

namespace Orchestration.Workflows.Tests;

/// <summary>Workflow texts and short ways to read them.</summary>
internal static class Fixtures
{
    /// <summary>The workflow of the transcoder sample.</summary>
    public const string Transcoding = """
        name: video-transcoding
        params: { input: clip.mp4, chunks: 5, resolution: 360p }
        defaults: { parallelism: 2, retry: { retries: 3, backoff: exponential, initial: 1s, max: 30s } }
        actions:                                   # deployed to the local OpenWhisk when that is used; paths relative to this file
          splitter: { file: actions/splitter.py, timeout: 5m }        # kind from the extension, as wsk does; or kind: python:3
        steps:
          - id: split
            action: splitter
            with: { input: "${{ params.input }}", num_chunks: "${{ params.chunks }}" }
          - id: transcode
            action: transcoder
            foreach: "${{ steps.split.result.splits }}"
            with: { input: "${{ item }}", resolution: "${{ params.resolution }}" }
            parallelism: 2
          - id: combine
            needs: [transcode]
            action: combiner
            with: { input: "${{ steps.split.result.splits }}" }
        output: "${{ steps.combine.result.output_file }}"
        """;

    /// <summary>Four steps in a diamond: left and right wait for top, bottom for both.</summary>
    public const string Diamond = """
        name: diamond
        steps:
          - { id: top, action: a }
          - { id: left, action: a, needs: top }
          - { id: right, action: a, with: { n: "${{ steps.top.result.n }}" } }
          - { id: bottom, action: a, needs: [left], with: { n: "${{ steps.right.result.n }}" } }
        """;

    public static WorkflowFile Parse(string text) => WorkflowFile.Parse(text, "w.yaml");

    /// <summary>A workflow of one step with the lines under test; the first of them is line 6, and begins in column 5.</summary>
    public static string OneStep(string lines, string parameters = "{ p: 1, text: abc, list: [1, 2, 3], a-b: 5 }") =>
        $"name: w\nparams: {parameters}\nsteps:\n  - id: s\n    action: a\n    {lines.ReplaceLineEndings("\n    ")}\n";

    /// <summary>The mistakes of a text, each as <c>line:column message</c>.</summary>
    public static IReadOnlyList<string> Problems(string text) =>
        [.. Assert.Throws<WorkflowException>(() => Parse(text)).Problems.Select(p => $"{p.Line}:{p.Column} {p.Message}")];

    public static PipelineRun Start(string text, string parameters = "{}")
    {
        var values = JsonBytes.Parse(parameters).ToDocument().RootElement.EnumerateObject().ToDictionary(p => p.Name, p => JsonBytes.From(p.Value));
        return new PipelineRun(Parse(text).ToPipeline(values));
    }

    public static string Text(this JsonBytes json) => Encoding.UTF8.GetString(json.Utf8.Span);
}
