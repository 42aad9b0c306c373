using System.Globalization;
using System.Net;
using System.Text;
using Orchestration.Core.Costs;
using Orchestration.Core.Dags;
using Orchestration.Core.Reports;
using Orchestration.Host.Dags;
using Orchestration.Host.Settings;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Reports.Pages;

/// <summary>A report as one HTML file that needs nothing else: summary, time line, graph, objects and costs.</summary>
internal static class ReportPage
{
    private const int MostOutput = 10_000;

    /// <summary>Writes the page.</summary>
    /// <param name="report">The run.</param>
    /// <param name="cost">What it cost; null when that is not known.</param>
    /// <param name="prices">By which charges.</param>
    public static string Write(OrchestrationReport report, RunCost? cost, PriceChoice prices)
    {
        var parts = new Dictionary<string, string>
        {
            ["title"] = Escape($"{report.Name} {report.Id}"),
            ["style"] = Resource("page.css"),
            ["name"] = Escape(report.Name),
            ["status"] = ReportJson.NameOf(report.Status),
            ["id"] = report.Id.Value,
            ["error"] = report.Error is { } error ? $"<p class=\"error\">{Escape($"{(error.Step is { } step ? $"step {step}: " : "")}{(error.Code is { } code ? $"{code}: " : "")}{error.Message}")}</p>" : "",
            ["facts"] = Facts(report, cost, prices),
            ["steps"] = Steps(report),
            ["output"] = report.Output.Length > 4 ? $"<h3>Output</h3>\n<pre>{Escape(Cut(report.Output.ToString(), MostOutput))}</pre>" : "",
            ["graph"] = Graph(report),
            ["costs"] = cost is null ? "<p>What it cost is not known.</p>" : Costs(cost, prices),
            ["data"] = PageData.Write(report),
            ["script"] = Resource("page.js"),
        };
        var page = Resource("page.html");
        var text = new StringBuilder(page.Length);
        // In one pass: what is put in may hold braces of its own.
        for (var at = 0; ;)
        {
            var start = page.IndexOf("{{", at, StringComparison.Ordinal);
            if (start < 0)
                return text.Append(page, at, page.Length - at).ToString();
            var end = page.IndexOf("}}", start, StringComparison.Ordinal);
            text.Append(page, at, start - at).Append(parts[page[(start + 2)..end]]);
            at = end + 2;
        }
    }

    private static string Facts(OrchestrationReport report, RunCost? cost, PriceChoice prices)
    {
        var totals = report.Totals;
        var facts = new List<(string Name, string Text)>
        {
            ("Started", string.Create(CultureInfo.InvariantCulture, $"{report.StartedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC")),
            ("Time", Humanize.Duration(report.TimeTaken)),
            ("All attempts together", Humanize.Duration(report.ActionTimeTaken)),
            ("Actions", totals.Actions.ToString("N0", CultureInfo.InvariantCulture)),
            ("Attempts", $"{totals.Attempts.ToString("N0", CultureInfo.InvariantCulture)}{(totals.Retries > 0 ? $", {Humanize.Count(totals.Retries, "retry", "retries")}" : "")}"),
        };
        if (totals.Recoveries > 0)
            facts.Add(("Made again", $"{Humanize.Count(totals.Recovered.Objects, "object")} by {Humanize.Count(totals.Recoveries, "action")} in {Humanize.Duration(totals.Recovered.ActionTime)}"));
        if (totals.ObjectsRead + totals.ObjectsWritten > 0)
        {
            facts.Add(("Read", $"{Humanize.Bytes(totals.BytesRead)} of {Humanize.Count(totals.ObjectsRead, "object")}"));
            facts.Add(("Written", $"{Humanize.Bytes(totals.BytesWritten)} in {Humanize.Count(totals.ObjectsWritten, "object")}"));
        }
        if (report.InputSize is { } size)
            facts.Add(("Input", Humanize.Bytes(size)));
        if (cost is not null)
            facts.Add(("Cost", Humanize.Money(cost.Compute + cost.Storage, prices.Currency)));
        return string.Join('\n', facts.Select(f => $"<div><dt>{f.Name}</dt><dd>{Escape(f.Text)}</dd></div>"));
    }

    private static string Steps(OrchestrationReport report)
    {
        var of = report.Actions.GroupBy(a => a.Step).ToDictionary(g => g.Key, g => (Attempts: g.Sum(a => a.Attempts.Length), Time: g.SelectMany(a => a.Attempts).Aggregate(TimeSpan.Zero, (sum, a) => sum + (a.Duration ?? TimeSpan.Zero))));
        return string.Join('\n', report.Steps.Select(step =>
        {
            var (attempts, time) = of.GetValueOrDefault(step.Id);
            var status = step.Status.ToString().ToLowerInvariant();
            return string.Create(CultureInfo.InvariantCulture,
                $"<tr><th scope=\"row\">{Escape(step.Id)}</th><td class=\"{status}\">{status}{(step.Reason is { } reason ? Escape($": {reason}") : "")}</td><td class=\"number\">{step.Items:N0}</td><td class=\"number\">{(step.Failed > 0 ? step.Failed.ToString("N0", CultureInfo.InvariantCulture) : "")}</td><td class=\"number\">{attempts:N0}</td><td class=\"number\">{Humanize.Duration(time)}</td></tr>");
        }));
    }

    private static string Graph(OrchestrationReport report)
    {
        var view = DagView.Whole(RunDag.Of(report));
        return view.Actions.Count == 0 ? "<p>It has no actions.</p>" : DagSvg.Write(view);
    }

    private static string Costs(RunCost cost, PriceChoice prices)
    {
        string Money(double amount) => Escape(Humanize.Money(amount, prices.Currency));
        var rows = string.Join('\n', cost.Steps.Select(step => $"<tr><th scope=\"row\">{Escape(step.Step)}</th><td class=\"number\">{Money(step.Compute)}</td><td class=\"number\">{Money(step.Storage)}</td><td class=\"number\">{Money(step.Compute + step.Storage)}</td></tr>"));
        return $"""
            <p>By the charges of {Escape(prices.Source)}. Failed attempts cost {Money(cost.Failures)} of it, making lost objects again {Money(cost.Recoveries)}.</p>
            <table class="plain">
            <caption>Costs of the steps</caption>
            <thead><tr><th scope="col">Step</th><th scope="col" class="number">Compute</th><th scope="col" class="number">Storage</th><th scope="col" class="number">Together</th></tr></thead>
            <tbody>
            {rows}
            <tr><th scope="row">The run, with the orchestration's own</th><td class="number">{Money(cost.Compute)}</td><td class="number">{Money(cost.Storage)}</td><td class="number">{Money(cost.Compute + cost.Storage)}</td></tr>
            </tbody>
            </table>
            """;
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : $"{text[..length]}… ({text.Length:N0} characters)";

    private static string Escape(string text) => WebUtility.HtmlEncode(Terminal.Plain(Redaction.Of(text)));

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(ReportPage).Assembly.GetManifestResourceStream($"pages/{name}")!);
        return reader.ReadToEnd().TrimEnd('\n');
    }
}
