namespace Orchestration.Workflows.Tests;

/// <summary>The examples of <c>docs/workflows.md</c> work as it says.</summary>
public class DocumentationTests
{
    private static readonly Dictionary<string, string> Examples = Repository.YamlBlocks("docs/workflows.md").ToDictionary(e => Fixtures.Parse(e).Name);

    [Fact]
    public void The_examples_are_those_that_the_tests_run()
    {
        Assert.Equal(["video-transcoding", "diamond", "resize", "publish", "mirror", "names", "thumbnails", "report", "patient", "greeting"], Examples.Keys);
        Assert.Equal([Fixtures.Transcoding, Fixtures.Diamond], Examples.Values.Take(2).Select(e => e.TrimEnd()));
    }

    [Fact]
    public void As_many_pictures_are_resized_at_once_as_the_run_says()
    {
        var run = Fixtures.Start(Examples["resize"], """{"pictures":["a","b"],"at_once":9}""");

        run.NextSteps();
        Assert.Equal(9, run.Added["shrink"].Options.Parallelism);
        run.End("shrink", "1", "2").NextSteps();
        Assert.Equal(1, run.Added["sheet"].Options.Parallelism);
        Assert.Throws<WorkflowException>(() => Fixtures.Start(Examples["resize"], """{"at_once":0}"""));
    }

    [Fact]
    public void Without_the_check_the_film_is_published_all_the_same()
    {
        var run = Fixtures.Start(Examples["publish"], """{"check":false}""");

        Assert.Equal(["build"], run.NextSteps());
        Assert.Equal(["upload"], run.End("build", """{"file":"f"}""").NextSteps());
        Assert.Equal("""{"of":"f","checked":"no"}""", run.Parameters("upload"));
        Assert.Equal(["clean"], run.End("upload", "{}").NextSteps());
        Assert.Equal(["check", "announce", "tell"], run.Skipped.Keys);
        Assert.Equal("null", run.End("clean", "{}").Output());
    }

    [Fact]
    public void When_the_build_fails_somebody_is_told_and_all_is_cleaned_before_the_run_fails()
    {
        var run = Fixtures.Start(Examples["publish"]);

        run.NextSteps();
        Assert.Equal(["tell", "clean"], run.End("build", "!E broken").NextSteps());
        Assert.Equal("build", run.End("tell", "{}").End("clean", "{}").Failure().Step);
    }

    [Fact]
    public void The_mirror_goes_on_without_what_could_not_be_fetched_and_stops_at_the_first_part_that_fails()
    {
        var run = Fixtures.Start(Examples["mirror"]);

        run.NextSteps();
        var fetch = run.Added["fetch"].Options;
        Assert.Equal((TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(30), 2), (fetch.Timeout!.Value, fetch.Retry.AttemptTimeout!.Value, fetch.Retry.Retries));
        Assert.Equal(["index"], run.End("fetch", """{"p":1}""", "!E down", """{"p":3}""").NextSteps());
        Assert.Equal("""{"pages":[{"p":1},{"p":3}],"of":"3"}""".Replace("\"3\"", "3", StringComparison.Ordinal), run.Parameters("index"));
        Assert.Equal(["publish"], run.End("index", """{"parts":[1,2,3]}""").NextSteps());
        Assert.True(run.Added["publish"].Options.FailFast);
        Assert.Equal("step 'publish' failed for 1 of 3 items (1 more were not run); the first is item 1: no", run.End("publish", "{}", "!E no", "!FAIL_FAST x").Failure().Failure.Message);
    }

    [Fact]
    public void Names_come_from_the_object_store_and_greetings_go_there()
    {
        var run = Fixtures.Start(Examples["names"]);

        run.NextSteps();
        Assert.Equal(["names/all.txt", "photos/2026/"], run.Expansions.Select(e => $"{e.Bucket}/{e.Key}"));
        Assert.Equal(["greet", "thumbs"], run.Give("greet", "\"Ada\"", "\"Bob\"").Give("thumbs", """{"object":"photos/2026/a.jpg","bucket":"photos","key":"2026/a.jpg","size":3}""").NextSteps());
        Assert.Equal("""{"name":"Bob","number":1}""", run.Added["greet"].Actions[1].Parameters.Text());
        Assert.Equal("photos/2026/a.jpg", Assert.Single(run.Added["thumbs"].Actions[0].Reads).Value);
        Assert.Empty(run.End("thumbs", "{}").End("greet", """{"greeting":"Hi Ada"}""", """{"greeting":"Hi Bob"}""").NextSteps());
        Assert.Equal("names/greetings.jsonl", Assert.Single(run.Collections).Target.Value);
        Assert.Equal(["count"], run.Collected("greet").NextSteps());
        Assert.Equal("""{"object":"names/greetings.jsonl"}""", run.Parameters("count"));
        Assert.True(Assert.Single(run.Expansions).LinesAreJson);
        Assert.Equal(["again"], run.Give("again", """{"greeting":"Hi Ada"}""").NextSteps());
        Assert.Equal("""{"was":"Hi Ada"}""", run.Parameters("again"));
        Assert.Equal("\"names/greetings.jsonl\"", run.End("count", "{}").End("again", "{}").Output());
    }

    [Fact]
    public void The_report_refers_to_its_key()
    {
        var run = Fixtures.Start(Examples["report"]);

        run.NextSteps();
        var action = Assert.Single(run.Added["ask"].Actions);
        Assert.Equal("""{"city":"Oslo","headers":{"authorization":"Bearer ${{ secrets.WEATHER_KEY }}"}}""", action.Parameters.Text());
        Assert.Equal("WEATHER_KEY", Assert.Single(action.Secrets).Name);
    }

    [Fact]
    public void The_thumbnails_run()
    {
        var run = Fixtures.Start(Examples["thumbnails"]);

        run.NextSteps();

        var action = run.Added["shrink"].Actions[1];
        Assert.Equal("""{"source":"photos/b.jpg","target":"thumbs/1-b.jpg","size":{"width":200,"height":100}}""", action.Parameters.Text());
        Assert.Equal(("photos/b.jpg", "thumbs/index.txt"), (Assert.Single(action.Reads).Value, Assert.Single(action.Writes).Value));
        Assert.Equal("""{"count":2,"urls":["u1","u2"]}""", run.End("shrink", """{"url":"u1"}""", """{"url":"u2"}""").Output());
        Assert.Equal("300", Fixtures.Parse(Examples["thumbnails"]).ParseParameter("width", "300").Text());
        Assert.Equal("\"300\"", Fixtures.Parse(Examples["thumbnails"]).ParseParameter("bucket", "300").Text());
    }

    [Fact]
    public void A_step_mends_the_default_retries()
    {
        var retry = Fixtures.Parse(Examples["patient"]).Steps[0].Options.Retry;

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
}
