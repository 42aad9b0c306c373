using System.Globalization;
using System.Text.Json;
using Orchestration.Core.Json;
using Orchestration.Core.Predictions;
using Orchestration.Host.Settings;
using Orchestration.Host.Terminals;
using Spectre.Console;

namespace Orchestration.Host.Reports;

/// <summary>What actions are expected to take, to write and to cost, for people and as JSON.</summary>
internal sealed class PredictionTable(RunHistory history, IReadOnlyList<ActionPrediction> predictions, long inputSize, PriceChoice prices)
{
    private const int SchemaVersion = 1;

    public void Print(string name, Terminal terminal)
    {
        terminal.Say($"For an input of {Humanize.Bytes(inputSize)}, from {Humanize.Count(history.Count, "run")} of {name}; in brackets where nine of ten lie, once three runs tell:");
        foreach (var prediction in predictions)
        {
            var parents = ParentsOf(prediction);
            terminal.Rich.MarkupLine($"\n[bold]{Markup.Escape(Terminal.Plain(prediction.Action))}[/]");
            var summary = Columns.NewSummary()
                .With("  Runtime", $"{EstimateText.Duration(prediction.Runtime)}, from {Humanize.Count(prediction.Runtime.Observations, "run")}")
                .With("  In a run", string.Create(CultureInfo.InvariantCulture, $"{prediction.Count.Value:0.##} of it"));
            foreach (var written in prediction.Objects)
                summary.With("  Writes", $"{Times(written.PerAction.Value)}{written.Role}: {EstimateText.Bytes(written.Size)}, kept {EstimateText.Duration(written.Lifetime)}");
            summary.With("  Costs", $"{Money(CostOf(prediction))}; with {(parents.Count == 0 ? "no parents" : $"its parents ({string.Join(", ", parents.Select(p => $"{Times(p.Count)}{p.Prediction.Action}"))}: {Money(CostOf(parents))})")} {Money(CostOf(prediction) + CostOf(parents))} to run again");
            terminal.Rich.Write(summary);
        }

        terminal.Say($"\nCharges: {prices.Source}.");
    }

    public byte[] ToJson(string name) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", SchemaVersion);
        writer.WriteString("name", name);
        writer.WriteNumber("inputSize", inputSize);
        writer.WriteNumber("runs", history.Count);
        PriceJson.Write(writer, prices);
        writer.WriteStartArray("actions");
        foreach (var prediction in predictions)
            Write(writer, prediction);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }).Utf8.ToArray();

    private void Write(Utf8JsonWriter writer, ActionPrediction prediction)
    {
        var parents = ParentsOf(prediction);
        writer.WriteStartObject();
        writer.WriteString("action", prediction.Action);
        EstimateText.Write(writer, "runtime", prediction.Runtime);
        EstimateText.Write(writer, "count", prediction.Count);
        writer.WriteStartArray("objects");
        foreach (var written in prediction.Objects)
        {
            writer.WriteStartObject();
            writer.WriteString("role", written.Role);
            EstimateText.Write(writer, "perAction", written.PerAction);
            EstimateText.Write(writer, "size", written.Size);
            EstimateText.Write(writer, "lifetime", written.Lifetime);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteNumber("cost", CostOf(prediction));
        writer.WriteStartArray("parents");
        foreach (var (parent, count) in parents)
        {
            writer.WriteStartObject();
            writer.WriteString("action", parent.Action);
            writer.WriteNumber("count", count);
            writer.WriteNumber("cost", CostOf(parent));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteNumber("parentsCost", CostOf(parents));
        writer.WriteNumber("rerunCost", CostOf(prediction) + CostOf(parents));
        writer.WriteEndObject();
    }

    private List<(ActionPrediction Prediction, int Count)> ParentsOf(ActionPrediction prediction) =>
        [.. history.ParentsOf(prediction.Action).Select(p => (history.Predict(p.Action, inputSize)!, p.Count))];

    private double CostOf(ActionPrediction prediction) => prediction.Cost(prices.Prices);

    private double CostOf(List<(ActionPrediction Prediction, int Count)> parents) => parents.Sum(p => p.Count * CostOf(p.Prediction));

    private string Money(double amount) => Humanize.Money(amount, prices.Currency);

    private static string Times(double count) => Math.Round(count, 2) == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"{count:0.##} × ");
}
