using System.Text.RegularExpressions;

namespace Orchestration.Workflows.Tests;

/// <summary>The examples of <c>docs/workflows.md</c> work as it says.</summary>
public partial class DocumentationTests
{
    private static readonly string[] Examples = [.. YamlBlock().Matches(Document()).Select(m => m.Groups[1].Value)];

    [Fact]
    public void The_examples_are_those_that_the_tests_run()
    {
        Assert.Equal(["video-transcoding", "diamond", "thumbnails", "patient"], Examples.Select(e => Fixtures.Parse(e).Name));
        Assert.Equal([Fixtures.Transcoding, Fixtures.Diamond], Examples.Take(2).Select(e => e.TrimEnd()));
    }

    [Fact]
    public void The_thumbnails_run()
    {
        var run = Fixtures.Start(Examples[2]);

        run.NextSteps();

        var action = run.Added["shrink"].Actions[1];
        Assert.Equal("""{"source":"photos/b.jpg","target":"thumbs/1-b.jpg","size":{"width":200,"height":100}}""", action.Parameters.Text());
        Assert.Equal(("photos/b.jpg", "thumbs/1-b.jpg"), (Assert.Single(action.Reads).Value, Assert.Single(action.Writes).Value));
        Assert.Equal("""{"count":2,"urls":["u1","u2"]}""", run.End("shrink", """{"url":"u1"}""", """{"url":"u2"}""").Output());
        Assert.Equal("300", Fixtures.Parse(Examples[2]).ParseParameter("width", "300").Text());
        Assert.Equal("\"300\"", Fixtures.Parse(Examples[2]).ParseParameter("bucket", "300").Text());
    }

    [Fact]
    public void A_step_mends_the_default_retries()
    {
        var retry = Fixtures.Parse(Examples[3]).Steps[0].Options.Retry;

        Assert.Equal((5, TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(90)), (retry.Retries, retry.Initial, retry.Max, retry.AttemptTimeout!.Value));
        Assert.Equal(["NoSuchKey", "404"], retry.NeverRetryCodes);
    }

    [Fact]
    public void A_block_with_an_expression_about_the_index_computes_whole_numbers()
    {
        var run = Fixtures.Start("name: w\nparams: { list: [{ id: 1 }, { id: 2 }], id: 2 }\nsteps:\n  - id: s\n    action: a\n    foreach: ${{ params.list[?id == $.params.id] }}\n    with: { next: \"${{ index + `1` }}\" }");

        run.NextSteps();

        Assert.Equal("""{"next":1}""", run.Parameters("s"));
    }

    private static string Document()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Orchestration.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("the tests run outside of the repository");
        return File.ReadAllText(Path.Combine(folder.FullName, "docs", "workflows.md"));
    }

    [GeneratedRegex(@"^```yaml\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex YamlBlock();
}
