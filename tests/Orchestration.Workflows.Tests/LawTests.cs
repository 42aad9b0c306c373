using System.Globalization;
using System.Text;
using CsCheck;
using Orchestration.Core.Pipelines;

namespace Orchestration.Workflows.Tests;

/// <summary>What holds for every file and every run.</summary>
public class LawTests
{
    private static readonly string[] Fragments =
    [
        "${{", "}}", "{", "}", "[", "]", "'", "\"", "`", "\n", "\r\n", "\t", "  ", "- ", ": ", "&a ", "*a", "|", ">-", "#", "!!str ", "<<", "---\n", "steps", "params", "item", "index", ".result", "[*]", "[?", "let $x = ",
        "-", "@", "$", "0", "1e999", "null", "foreach", "id", "needs", "with", "retry", "é", "😀", "\\", "\0", "\ud800", "%YAML 1.1\n", "? ", ",",
    ];

    /// <summary>A file with some characters removed and some fragments put in.</summary>
    private static readonly Gen<string> Damaged =
        from text in OneOf(Fixtures.Transcoding, Fixtures.Diamond, Fixtures.OneStep("foreach: ${{ params.list }}\nwith:\n  v: |\n    a ${{ item }} b ${{ [params.p, index] }}\n  w: \"\\t${{ params.text }}\""))
        from edits in Gen.Select(Gen.Int[0, 1000], Gen.Int[0, 5], OneOf(Fragments)).Array[1, 4]
        select edits.Aggregate(text, (t, e) =>
        {
            var at = Math.Min(t.Length, e.Item1);
            return t[..at] + e.Item3 + t[Math.Min(t.Length, at + e.Item2)..];
        });

    /// <summary>For each step, the steps before it that it needs (true) or names in an expression (false).</summary>
    private static readonly Gen<(int On, bool Needs)[][]> Graphs =
        from count in Gen.Int[1, 8]
        from edges in Gen.Select(Gen.Int[0, 7], Gen.Bool).Array[0, 4].Array[count]
        select edges.Select((e, i) => e.Where(d => d.Item1 < i).DistinctBy(d => d.Item1).ToArray()).ToArray();

    [Fact]
    public void A_damaged_file_is_read_or_refused_with_places_inside_it()
    {
        Damaged.Sample(text =>
        {
            try
            {
                var file = Fixtures.Parse(text);
                new WorkflowPipelineFactory().Create(file.ToPipeline(new Dictionary<string, Core.Json.JsonBytes>())).Next(PipelineView.Empty);
            }
            catch (WorkflowException e) when (e.Problems[0].Line > 0)
            {
                var lines = text.Split('\n');
                Assert.All(e.Problems, p => Assert.True(p.Line <= lines.Length && p.Column >= 1 && p.Column <= lines[p.Line - 1].Length + 1, $"{p} is outside of the text"));
            }
            catch (WorkflowException e)
            {
                Assert.Contains("no default", e.Message, StringComparison.Ordinal);
            }
        }, iter: 3_000);
    }

    [Fact]
    public void Every_step_starts_once_as_soon_as_its_dependencies_have_ended_whatever_the_order_and_the_restarts()
    {
        Gen.Select(Graphs, Gen.Int[0, 1000].Array[8]).Sample((graph, order) =>
        {
            var run = Fixtures.Start(Write(graph));
            var ended = new HashSet<int>();
            foreach (var pick in order.Take(graph.Length))
            {
                run.Restart();
                Assert.IsType<PipelineDecision.Run>(run.Next());
                var ready = Enumerable.Range(0, graph.Length).Where(i => graph[i].All(d => ended.Contains(d.On)));
                Assert.Equal(ready.Select(i => $"s{i}").Order(), run.Added.Keys.Order());
                var running = run.Added.Keys.Select(k => int.Parse(k[1..], CultureInfo.InvariantCulture)).Except(ended).Order().ToList();
                var next = running[pick % running.Count];
                run.End($"s{next}", $$"""{"n": {{next}}}""");
                ended.Add(next);
            }

            Assert.Equal("null", run.Output());
            Assert.All(graph.Select((d, i) => (d, i)), s =>
                Assert.Equal($"{{{string.Join(',', s.d.Where(d => !d.Needs).Select(d => $"\"v{d.On}\":{d.On}"))}}}", run.Parameters($"s{s.i}")));
            Assert.Subset(graph.SelectMany(g => g).Where(d => !d.Needs).Select(d => $"s{d.On}").ToHashSet(), run.Asked.ToHashSet());
        }, iter: 500);
    }

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static string Write((int On, bool Needs)[][] graph)
    {
        var text = new StringBuilder("name: w\nsteps:\n");
        for (var i = 0; i < graph.Length; i++)
        {
            var needs = string.Join(", ", graph[i].Where(d => d.Needs).Select(d => $"s{d.On}"));
            var with = string.Join(", ", graph[i].Where(d => !d.Needs).Select(d => $"v{d.On}: \"${{{{ steps.s{d.On}.result.n }}}}\""));
            text.AppendLine(CultureInfo.InvariantCulture, $"  - {{ id: s{i}, action: a, needs: [{needs}], with: {{ {with} }} }}");
        }

        return text.ToString();
    }
}
