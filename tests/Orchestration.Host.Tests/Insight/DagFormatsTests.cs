using System.Collections.Immutable;
using System.Xml.Linq;
using Orchestration.Core.Dags;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Reports;
using Orchestration.Core.State;
using Orchestration.Host.Dags;

namespace Orchestration.Host.Tests.Insight;

public class DagFormatsTests
{
    private static readonly ActionId Writer = ActionId.Parse("00000000000000000000000a");
    private static readonly ActionId Reader = ActionId.Parse("00000000000000000000000b");

    private static DagView View()
    {
        var actions = new[] { (Writer, "a"), (Reader, "say \"b\"") }.Select(a => new ActionReport(a.Item1, a.Item2, 0, "act", JsonBytes.EmptyObject, true, JsonBytes.Null, JsonBytes.Null, 0, 0, []));
        var item = new ObjectUsage(ObjectKey.Parse("b/x#<y>"), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 1, 1, null, null, [Writer], [Reader]);
        return DagView.Whole(RunDag.Of(Report([.. actions], item)));
    }

    private static OrchestrationReport Report(ImmutableArray<ActionReport> actions, ObjectUsage item) => new(
        OrchestrationId.Parse("00000000000000000000000c"), "demo", OrchestrationStatus.Completed, null, DateTimeOffset.UnixEpoch, null, TimeSpan.Zero, TimeSpan.Zero, null, JsonBytes.Null, [], actions, [item],
        new ReportTotals(0, 0, 0, 0, 0, 0, 0, 0));

    [Fact]
    public void Graphviz_gets_its_quotes_escaped() => Assert.Equal(
        """
        digraph run {
          rankdir=RL
          node [shape=box]
          "00000000000000000000000a" [label="a"]
          "00000000000000000000000b" [label="say \"b\""]
          "00000000000000000000000b" -> "00000000000000000000000a" [label="b/x#<y>"]
        }

        """,
        DagFormats.Write(View(), "dot"));

    [Fact]
    public void Mermaid_gets_entities_for_what_would_mean_something_to_it() => Assert.Equal(
        """
        graph RL
          00000000000000000000000a["a"]
          00000000000000000000000b["say #34;b#34;"]
          00000000000000000000000b -->|"b/x#35;#60;y#62;"| 00000000000000000000000a

        """,
        DagFormats.Write(View(), "mermaid"));

    [Fact]
    public void A_picture_is_sound_XML_whatever_names_hold_with_readers_right_of_writers()
    {
        var svg = XDocument.Parse(DagFormats.Write(View(), "svg")).Root!;

        var boxes = svg.Descendants().Where(e => e.Name.LocalName == "g").ToDictionary(g => g.Value, g => (int)g.Elements().First().Attribute("x")!);
        Assert.True(boxes["a"] < boxes["say \"b\""]);
        Assert.Equal("b/x#<y>", svg.Descendants().Single(e => e.Name.LocalName == "path").Value);
    }

    [Fact]
    public void Steps_with_many_actions_are_one_box_and_circles_end()
    {
        var ids = Enumerable.Range(1, 30).Select(i => ActionId.Parse($"{i:x24}")).ToList();
        var actions = ids.Select((id, i) => new ActionReport(id, i < 28 ? "many" : $"s{i}", i, "act", JsonBytes.EmptyObject, true, JsonBytes.Null, JsonBytes.Null, 0, 0, []));
        var log = new ObjectUsage(ObjectKey.Parse("b/log"), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 1, 1, null, null, [.. ids], [.. ids]);

        var svg = XDocument.Parse(DagFormats.Write(DagView.Whole(RunDag.Of(Report([.. actions], log))), "svg")).Root!;

        Assert.Equal(["many × 28", "s28", "s29"], svg.Descendants().Where(e => e.Name.LocalName == "g").Select(g => g.Value));
    }
}
