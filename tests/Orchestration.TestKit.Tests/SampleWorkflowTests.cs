using Orchestration.Workflows;

namespace Orchestration.TestKit.Tests;

/// <summary>The samples' workflows, crashed behind every row that they store.</summary>
public sealed class SampleWorkflowTests
{
    [Fact]
    public Task Hello() => CheckAsync("hello", test =>
    {
        test.Whisk.On("hello").Returns("""{"output":"Hello, World!"}""");
        test.Whisk.On("question").Returns(r => $$"""{"output":"Did somebody say it? {{r.Parameters.Length}}"}""");
        test.Whisk.On("answer").Returns(r => $$"""{"output":"Yes. {{r.Parameters.Length}}"}""");
    });

    [Fact]
    public Task Transcoder() => CheckAsync("transcoder", test =>
    {
        test.Objects.Put("input-video/clip.mp4", "film");
        test.Whisk.On("splitter").Reads(_ => ["input-video/clip.mp4"]).Writes(_ => [("output-chunks/0", "0"), ("output-chunks/1", "1"), ("output-chunks/2", "2")])
            .Returns("""{"splits":["0","1","2"],"starts":[0,1,2],"sound":null}""");
        test.Whisk.On("transcoder").Takes(TimeSpan.FromSeconds(20)).Reads(r => [$"output-chunks/{Input(r)}"]).Writes(r => [($"transcoded-chunks/{Input(r)}", "small")])
            .Returns(r => $$"""{"output_file":"{{Input(r)}}"}""");
        test.Whisk.On("combiner").Reads(_ => ["transcoded-chunks/0", "transcoded-chunks/1", "transcoded-chunks/2"]).Writes(_ => [("processed-video/out.mp4", "film")])
            .Returns("""{"output_file":"processed-video/out.mp4"}""");
    });

    [Fact]
    public Task Chatbot() => CheckAsync("chatbot", test =>
    {
        test.Whisk.On("split-action").Returns("""{"bundles":[["a","b"],["c"]],"words":3}""");
        test.Whisk.On("train-classifier").Takes(TimeSpan.FromSeconds(3)).Returns("""{"intents":[{"intent":"a","accuracy":1,"object":"chatbot-weights/a.json"}]}""");
        test.Whisk.On("reply").Returns("""{"intent":"a","score":1,"response":"Yes."}""");
    });

    private static string Input(Core.Ports.InvokeRequest request)
    {
        using var document = request.Parameters.ToDocument();
        return document.RootElement.GetProperty("input").GetString()!;
    }

    private static async Task CheckAsync(string sample, Action<OrchestrationTest> script)
    {
        var workflow = WorkflowFile.Load(Path.Combine(ExampleTests.SourceTree, "samples", sample, "workflow.yaml"));
        var check = await CrashCheck.AtEveryRowAsync(async test =>
        {
            script(test);
            return (await test.RunAsync(workflow)).ShouldHaveCompleted();
        });

        Assert.True(check.Crashes >= check.Rows, $"{check.Crashes} crashes of {check.Rows} rows");
    }
}
