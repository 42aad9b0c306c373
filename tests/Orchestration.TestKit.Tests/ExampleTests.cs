using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Workflows;

namespace Orchestration.TestKit.Tests;

/// <summary>The examples of <c>docs/testing.md</c>; what stands between the marks is there word by word.</summary>
public sealed class ExampleTests
{
    private const string Thumbnails = """
        name: thumbnails
        params: { film: holiday.mp4 }
        steps:
          - { id: split, action: splitter, with: { film: "${{ params.film }}" } }
          - { id: scale, action: scaler, foreach: "${{ steps.split.result.parts }}", with: { part: "${{ item }}" }, parallelism: 2, retry: { retries: 3, backoff: exponential, initial: 1h, max: 4h, jitter: false } }
        output: "${{ length(steps.scale.result) }}"
        """;

    [Fact]
    public async Task A_pipeline_retries_for_hours_in_a_moment()
    {
        // example: a workflow, with retries
        await using var test = await OrchestrationTest.StartAsync();
        test.Whisk.On("splitter").Returns("""{"parts":["a","b","c","d","e"]}""");
        test.Whisk.On("scaler").Takes(TimeSpan.FromMinutes(10)).FailsFirst(2);

        var run = await test.RunAsync(WorkflowFile.Parse(Thumbnails, "thumbnails.yaml"));

        run.ShouldHaveCompleted().ShouldHaveOutput("5");
        run.ShouldHaveInvoked("splitter").Once();
        run.ShouldHaveInvoked("scaler").Times(7);
        Assert.True(test.Whisk.MostAtOnce <= 2);
        Assert.True(run.Report.TimeTaken > TimeSpan.FromHours(1));
        // end
    }

    [Fact]
    public async Task A_lost_object_is_made_again()
    {
        // example: a program, an object that is lost, and a crash
        await using var test = await OrchestrationTest.StartAsync(options => options.AddProgram("report", async (run, _, cancellation) =>
        {
            await run.MakeActionsAsync([new("fetch", JsonBytes.EmptyObject)], cancellation: cancellation);
            return (await run.MakeActionsAsync([new("summarize", JsonBytes.EmptyObject)], cancellation: cancellation))[0].Result;
        }));
        test.Whisk.On("fetch").Writes(_ => [("raw/data", "1 2 3")]);
        test.Whisk.On("summarize").Reads(_ => ["raw/data"]).Returns("""{"sum":6}""").Takes(_ =>
        {
            // Somebody cleans up before the first attempt reads it.
            if (test.Whisk.Count("summarize") == 1)
                test.Objects.Lose("raw/data");
            return TimeSpan.FromSeconds(1);
        });
        test.CrashAfter<AttemptStarted>(nth: 2);

        var run = await test.RunProgramAsync("report");

        run.ShouldHaveCompleted().ShouldHaveOutput("""{"sum":6}""");
        run.ShouldHaveInvoked("fetch").Times(2);
        Assert.Equal(1, test.Crashes);
        // end
    }

    [Fact]
    public async Task A_pipeline_comes_to_the_same_end_wherever_it_crashes()
    {
        // example: a crash behind every row that is stored
        var workflow = WorkflowFile.Parse(Thumbnails, "thumbnails.yaml");

        var check = await CrashCheck.AtEveryRowAsync(test =>
        {
            test.Whisk.On("splitter").Returns("""{"parts":["a","b","c"]}""");
            test.Whisk.On("scaler").Takes(TimeSpan.FromSeconds(30));
            return test.RunAsync(workflow);
        });

        Assert.True(check.Crashes >= check.Rows);
        // end
    }

    [Fact]
    public void The_document_has_these_examples()
    {
        var document = File.ReadAllText(Path.Combine(SourceTree, "docs", "testing.md"));
        var source = File.ReadAllLines(Path.Combine(SourceTree, "tests", "Orchestration.TestKit.Tests", "ExampleTests.cs"));
        var examples = 0;
        for (var i = 0; i < source.Length; i++)
        {
            if (!source[i].TrimStart().StartsWith("// example: ", StringComparison.Ordinal))
                continue;
            var lines = source.Skip(i + 1).TakeWhile(l => l.Trim() != "// end").Select(l => l.Length > 8 ? l[8..] : "");
            Assert.Contains(string.Join('\n', lines), document, StringComparison.Ordinal);
            examples++;
        }

        Assert.Equal(3, examples);
        Assert.Contains(Thumbnails, document, StringComparison.Ordinal);
    }

    internal static string SourceTree
    {
        get
        {
            for (var place = new DirectoryInfo(AppContext.BaseDirectory); place is not null; place = place.Parent)
                if (File.Exists(Path.Combine(place.FullName, "Orchestration.sln")))
                    return place.FullName;
            throw new InvalidOperationException("There is no Orchestration.sln above the tests.");
        }
    }
}
