using System.Globalization;
using System.Security;
using System.Text;
using Orchestration.Core.Identity;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Dags;

/// <summary>Draws a graph in columns, from what reads nothing on the left to the results on the right. The critical path is bold; steps with many actions are one box.</summary>
internal static class DagSvg
{
    private const int MostOfStep = 12;
    private const int MostObjects = 1;
    private const int BoxWidth = 190;
    private const int BoxHeight = 34;
    private const int ColumnWidth = 300;
    private const int RowHeight = 56;
    private const int Margin = 20;
    private const int LongestLabel = 26;

    // Scoped, as the picture may stand in a page with others.
    private const string Style = """
        <style>
        .dag { font: 13px system-ui, sans-serif; color-scheme: light dark; background: #fff }
        .dag rect { fill: #eef4ff; stroke: #6b86b3 } .dag text { fill: #1c2430 } .dag path { fill: none; stroke: #8894a6 } .dag .objects { font-size: 11px; fill: #5a6675 }
        .dag .critical rect { stroke: #b3451f; stroke-width: 2.5 } .dag path.critical { stroke: #b3451f; stroke-width: 2.5 }
        @media (prefers-color-scheme: dark) { .dag { background: #14181f } .dag rect { fill: #22304a } .dag text { fill: #e6eaf0 } .dag .objects { fill: #a7b2c2 } }
        </style>
        """;

    /// <summary>Draws it.</summary>
    public static string Write(DagView view)
    {
        var boxes = Boxes(view);
        var of = boxes.SelectMany(b => b.Actions.Select(a => (Action: a, Box: b))).ToDictionary(p => p.Action, p => p.Box);
        var lines = view.Edges.Where(e => of[e.Reader] != of[e.Writer]).GroupBy(e => (From: of[e.Writer], To: of[e.Reader])).ToList();
        Place(boxes, [.. lines.Select(l => l.Key)]);
        var (width, height) = (boxes.Select(b => b.X).DefaultIfEmpty(0).Max() + BoxWidth + Margin, boxes.Select(b => b.Y).DefaultIfEmpty(0).Max() + BoxHeight + Margin);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"<svg class=\"dag\" xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n");
        text.Append(CultureInfo.InvariantCulture, $"<title>{Escape($"{view.Dag.Report.Name} {view.Dag.Report.Id}")}</title>\n{Style}\n");
        var critical = view.Dag.CriticalPath().Select(a => of.GetValueOrDefault(a.Id)).OfType<Box>().ToList();
        var steps = critical.Zip(critical.Skip(1)).ToHashSet();
        foreach (var line in lines)
            Write(text, line.Key.From, line.Key.To, [.. line.Select(e => e.Object.Value).Distinct()], steps.Contains((line.Key.From, line.Key.To)));
        foreach (var box in boxes)
        {
            text.Append(CultureInfo.InvariantCulture, $"<g{(critical.Contains(box) ? " class=\"critical\"" : "")}><rect x=\"{box.X}\" y=\"{box.Y}\" width=\"{BoxWidth}\" height=\"{BoxHeight}\" rx=\"6\"/>");
            text.Append(CultureInfo.InvariantCulture, $"<text x=\"{box.X + BoxWidth / 2}\" y=\"{box.Y + 22}\" text-anchor=\"middle\">{Escape(Humanize.Shorten(box.Label, LongestLabel))}</text></g>\n");
        }

        return text.Append("</svg>\n").ToString();
    }

    private static void Write(StringBuilder text, Box from, Box to, List<string> objects, bool isCritical)
    {
        var (x1, y1, x2, y2) = (from.X + BoxWidth, from.Y + BoxHeight / 2, to.X, to.Y + BoxHeight / 2);
        text.Append(CultureInfo.InvariantCulture, $"<path{(isCritical ? " class=\"critical\"" : "")} d=\"M{x1} {y1} C{x1 + 50} {y1} {x2 - 50} {y2} {x2} {y2}\"><title>{Escape(string.Join('\n', objects))}</title></path>\n");
        if (objects.Count > MostObjects)
            text.Append(CultureInfo.InvariantCulture, $"<text class=\"objects\" x=\"{(x1 + x2) / 2}\" y=\"{(y1 + y2) / 2 - 4}\" text-anchor=\"middle\">{objects.Count:N0} objects</text>\n");
    }

    private static List<Box> Boxes(DagView view) =>
    [
        .. view.Actions.GroupBy(a => a.Step).SelectMany(step => step.Count() > MostOfStep
            ? [new Box(string.Create(CultureInfo.InvariantCulture, $"{step.Key} × {step.Count():N0}"), [.. step.Select(a => a.Id)])]
            : step.Select(a => new Box(view.Labels.Of(a.Id), [a.Id]))),
    ];

    // A box stands one column behind the last one that it reads from; those that read each other share what they have reached when every box could have moved once.
    private static void Place(List<Box> boxes, List<(Box From, Box To)> lines)
    {
        for (var (round, moved) = (0, true); moved && round < boxes.Count; round++)
        {
            moved = false;
            foreach (var (from, to) in lines.Where(l => l.To.Column <= l.From.Column && l.From.Column + 1 < boxes.Count))
                (to.Column, moved) = (from.Column + 1, true);
        }

        foreach (var column in boxes.GroupBy(b => b.Column))
            foreach (var (box, row) in column.Select((b, i) => (b, i)))
                (box.X, box.Y) = (Margin + box.Column * ColumnWidth, Margin + row * RowHeight);
    }

    private static string Escape(string text) => SecurityElement.Escape(Terminal.Plain(text))!;

    private sealed class Box(string label, IReadOnlyList<ActionId> actions)
    {
        public string Label => label;

        public IReadOnlyList<ActionId> Actions => actions;

        public int Column { get; set; }

        public int X { get; set; }

        public int Y { get; set; }
    }
}
