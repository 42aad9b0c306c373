using System.Globalization;
using Orchestration.Core.Json;
using Orchestration.Core.Predictions;
using Orchestration.Host.Settings;
using Orchestration.Host.Terminals;
using Spectre.Console;

namespace Orchestration.Host.Reports;

/// <summary>What a run is expected to take, for people and as JSON.</summary>
internal static class ForecastTable
{
    private const int SchemaVersion = 1;

    public static void Print(Forecast forecast, string name, (long Size, string Source) input, PriceChoice prices, Terminal terminal)
    {
        var critical = forecast.Steps.Where(s => s.IsCritical).Select(s => s.Step);
        terminal.Rich.Write(Columns.NewSummary()
            .With("Workflow", $"{name}, by {Humanize.Count(forecast.Runs, "run")} of it")
            .With("Input", $"{Humanize.Bytes(input.Size)} ({input.Source})")
            .With("Time", $"{EstimateText.Duration(forecast.Duration)}, along {string.Join(" → ", critical)}")
            .With("Cost", $"{Humanize.Money(forecast.Compute + forecast.Storage, prices.Currency)}: compute {Humanize.Money(forecast.Compute, prices.Currency)}, storage {Humanize.Money(forecast.Storage, prices.Currency)}")
            .With("Writes", Humanize.Bytes((long)forecast.Bytes)));
        var table = Columns.NewTable("Step").WithNumbers("Actions", "One takes", "Time", "Cost", "Writes");
        foreach (var step in forecast.Steps)
        {
            table.AddRow(
                new Text(Terminal.Plain(step.Step)),
                new Text(step.Count.Value.ToString("0.##", CultureInfo.InvariantCulture)),
                new Text(EstimateText.Duration(step.Seconds.Value)),
                new Text(EstimateText.Duration(step.Duration)),
                new Text(Humanize.Money(step.Compute + step.Storage, prices.Currency)),
                new Text(Humanize.Bytes((long)step.Bytes)));
        }

        terminal.Rich.MarkupLine("\n[bold]Steps[/]");
        terminal.Rich.Write(table);
        if (!forecast.Unknown.IsEmpty)
            terminal.Say($"No past run had {string.Join(", ", forecast.Unknown)}: what {(forecast.Unknown.Length == 1 ? "it takes" : "they take")} is not in these numbers.");
        if (forecast.Duration.Low is null)
            terminal.Say("How sure the time is can be told once three runs have ended.");
        terminal.Say($"Charges: {prices.Source}.");
    }

    public static byte[] ToJson(Forecast forecast, string name, long inputSize, PriceChoice prices) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", SchemaVersion);
        writer.WriteString("name", name);
        writer.WriteNumber("runs", forecast.Runs);
        writer.WriteNumber("inputSize", inputSize);
        EstimateText.Write(writer, "duration", forecast.Duration);
        writer.WriteNumber("computeCost", forecast.Compute);
        writer.WriteNumber("storageCost", forecast.Storage);
        writer.WriteNumber("totalCost", forecast.Compute + forecast.Storage);
        writer.WriteNumber("bytesWritten", forecast.Bytes);
        PriceJson.Write(writer, prices);
        writer.WriteStartArray("steps");
        foreach (var step in forecast.Steps)
        {
            writer.WriteStartObject();
            writer.WriteString("step", step.Step);
            EstimateText.Write(writer, "count", step.Count);
            EstimateText.Write(writer, "seconds", step.Seconds);
            writer.WriteNumber("duration", step.Duration);
            writer.WriteNumber("computeCost", step.Compute);
            writer.WriteNumber("storageCost", step.Storage);
            writer.WriteNumber("bytesWritten", step.Bytes);
            writer.WriteBoolean("critical", step.IsCritical);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("unknown");
        foreach (var step in forecast.Unknown)
            writer.WriteStringValue(step);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }).Utf8.ToArray();
}
