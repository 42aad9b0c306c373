using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Orchestration.Workflows.Tests;

public class LimitsTests
{
    [Fact]
    public void Aliases_cannot_expand_a_file_without_bound()
    {
        var text = new StringBuilder("name: w\nparams:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 10; i++)
            text.AppendLine(CultureInfo.InvariantCulture, $"  a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]");

        Assert.StartsWith("6:", Assert.Single(Fixtures.Problems(text.ToString())), StringComparison.Ordinal);
        Assert.EndsWith("expands the file by more than 10000 nodes; pass large data through the object store.", Fixtures.Problems(text.ToString())[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Aliases_cannot_expand_text_without_bound()
    {
        var text = $"name: w\nparams:\n  a: &a {new string('x', 1_000_000)}\n  b: [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nsteps: [{{ id: s, action: a }}]";

        Assert.Contains("with aliases expanded, the file has more than 8388608 characters", Assert.Single(Fixtures.Problems(text)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_too_large_is_refused()
    {
        Assert.StartsWith("1:1 the file has 8388609 characters; at most 8388608 are read.", Assert.Single(Fixtures.Problems(new string('#', 8_388_609))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[", 100_000)]
    [InlineData("{a: ", 100_000)]
    [InlineData("- ", 60)]
    public void Nesting_is_bounded(string level, int levels)
    {
        Assert.EndsWith("nested deeper than 50 levels; make the data flatter.", Assert.Single(Fixtures.Problems(string.Concat(Enumerable.Repeat(level, levels)))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("!", 4000, "", "the expression nests deeper than 200 levels; make it simpler.")]
    [InlineData("params.p)", 400, "", "the expression is no valid JMESPath near ')'; see https://jmespath.org for the syntax.")]
    [InlineData("[", 300, "", "the expression ends too early; something is missing at its end.")]
    [InlineData("(", 1000, "params.p", "the expression ends too early; something is missing at its end.")]
    [InlineData("a", 4097, "", "the expression has 4097 characters; at most 4096 are read.")]
    [InlineData("params.p || ", 250, "params.p", "the expression nests deeper than 200 levels; make it simpler.")]
    public void Expressions_are_bounded(string part, int times, string end, string message)
    {
        var expression = string.Concat(Enumerable.Repeat(part, times)) + (part == "!" ? "params.p" : end);

        Assert.EndsWith(message, Assert.Single(Fixtures.Problems(Fixtures.OneStep($"with: {{ v: '${{{{ {expression} }}}}' }}"))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_holds_at_most_1000_steps()
    {
        var steps = Enumerable.Range(0, 1001).Select(i => $"  - {{ id: s{i}, action: a }}").ToList();

        Assert.Equal(["3:3 there are 1001 steps; at most 1000 are read. Use foreach to run one action many times."], Fixtures.Problems($"name: w\nsteps:\n{string.Join('\n', steps)}"));
        Assert.Equal(1000, Fixtures.Parse($"name: w\nsteps:\n{string.Join('\n', steps.Take(1000))}").Steps.Length);
    }

    [Fact]
    public void A_long_chain_of_steps_is_read_without_recursion()
    {
        var steps = Enumerable.Range(0, 1000).Select(i => $"  - {{ id: s{i}, action: a, needs: s{(i + 1) % 1000} }}");

        Assert.Contains("steps wait for each other in a cycle: s0 → s1 →", Assert.Single(Fixtures.Problems($"name: w\nsteps:\n{string.Join('\n', steps)}")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_parameters_of_one_step_are_bounded()
    {
        var run = Fixtures.Start("""
            name: w
            params: { text: "" , list: [] }
            steps: [{ id: s, action: a, foreach: "${{ params.list }}", with: { v: "${{ params.text }}" } }]
            """, $$"""{"text": "{{new string('x', 1_000_000)}}", "list": [{{string.Join(',', Enumerable.Range(0, 300))}}]}""");

        Assert.Equal("step 's': with: the parameters of the first 269 of 300 items have more than 256 MB together; pass large data through the object store.", run.Failure().Failure.Message);
    }

    [Fact]
    public void A_large_foreach_expands_in_linear_time()
    {
        var items = string.Join(',', Enumerable.Range(0, 10_000).Select(i => $"\"input-video/clip-{i}.mp4\""));
        Expand("[]");

        var elapsed = Expand($"[{items}]");

        // It takes some 70 ms on an idle machine; parsing the whole scope for every item would take more than half a minute.
        Assert.True(elapsed < TimeSpan.FromSeconds(10), $"10,000 items took {elapsed}");

        static TimeSpan Expand(string splits)
        {
            var run = Fixtures.Start(Fixtures.Transcoding);
            run.NextSteps();
            run.End("split", $$"""{"splits": {{splits}}}""");
            var watch = Stopwatch.StartNew();
            run.NextSteps();
            TestContext.Current.TestOutputHelper?.WriteLine($"{run.Added["transcode"].Actions.Length} items: {watch.Elapsed.TotalMilliseconds:F1} ms");
            return watch.Elapsed;
        }
    }
}
