using System.Collections.Immutable;
using System.Globalization;
using Orchestration.Core.Json;
using Orchestration.Core.Predictions;
using Orchestration.Host.Terminals;
using Spectre.Console;

namespace Orchestration.Host.Reports;

/// <summary>How well predictions would have been, for people and as JSON.</summary>
internal static class BacktestTable
{
    private const int SchemaVersion = 1;
    private const int WidthOfNumbers = 58;
    private const int LeastName = 22;

    public static void Print(ImmutableArray<BacktestLine> lines, int runs, string name, Terminal terminal)
    {
        var width = Math.Max(LeastName, terminal.Rich.Profile.Width - WidthOfNumbers);
        var table = Columns.NewTable("Of", "What").WithNumbers("Runs", "Mean", "Off by", "Naive");
        table.Columns[0].NoWrap();
        foreach (var line in lines)
        {
            table.AddRow(
                new Text(line.Role is null ? Humanize.Shorten(line.Action, width) : "  " + Humanize.ShortenStart(line.Role, width - 2)),
                new Text(NameOf(line.What)),
                new Text($"{line.Observations:N0}"),
                new Text(Value(line.What, line.Mean)),
                new Text(Off(line, line.Error)),
                new Text(Off(line, line.NaiveError)));
        }

        terminal.Say($"Each of the {Humanize.Count(runs, "run")} of {name} predicted from the others:");
        terminal.Rich.Write(table);
        var better = lines.Count(l => l.Error <= l.NaiveError);
        terminal.Say($"'Naive' is a prediction that is the mean of the other runs, whatever their input. Interpolation is as good or better in {better} of {lines.Length} lines.");
    }

    public static byte[] ToJson(ImmutableArray<BacktestLine> lines, int runs, string name) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", SchemaVersion);
        writer.WriteString("name", name);
        writer.WriteNumber("runs", runs);
        writer.WriteStartArray("lines");
        foreach (var line in lines)
        {
            writer.WriteStartObject();
            writer.WriteString("action", line.Action);
            writer.WriteString("role", line.Role);
            writer.WriteString("what", NameOf(line.What));
            writer.WriteNumber("observations", line.Observations);
            writer.WriteNumber("mean", line.Mean);
            writer.WriteNumber("error", line.Error);
            writer.WriteNumber("naiveError", line.NaiveError);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }).Utf8.ToArray();

    private static string NameOf(Predicted what) => what.ToString().ToLowerInvariant();

    private static string Value(Predicted what, double value) => what == Predicted.Size ? Humanize.Bytes((long)value) : Humanize.Duration(TimeSpan.FromSeconds(value));

    private static string Off(BacktestLine line, double error) =>
        line.Mean > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Value(line.What, error)} ({error / line.Mean * 100:0} %)") : Value(line.What, error);
}
