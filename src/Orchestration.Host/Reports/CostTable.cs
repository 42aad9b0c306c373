using System.Text.Json;
using Orchestration.Core.Costs;
using Orchestration.Core.Json;
using Orchestration.Host.Settings;
using Orchestration.Host.Terminals;
using Spectre.Console;

namespace Orchestration.Host.Reports;

/// <summary>What something cost, for people and as JSON.</summary>
internal sealed class CostTable
{
    private const int SchemaVersion = 1;
    private const int MostObjects = 20;
    private const int LeastObject = 12;

    // A size, a lifetime, a cost with its currency, and the gaps.
    private const int WidthOfNumbers = 42;

    private readonly PriceChoice _prices;
    private readonly Action<Terminal> _print;
    private readonly Action<Utf8JsonWriter> _write;

    private CostTable(PriceChoice prices, Action<Terminal> print, Action<Utf8JsonWriter> write) => (_prices, _print, _write) = (prices, print, write);

    /// <summary>The costs of one run.</summary>
    public static CostTable Of(RunCost cost, PriceChoice prices) => new(
        prices,
        terminal =>
        {
            var money = Formatter(prices);
            var table = Columns.NewSummary();
            table.With("Run", $"{cost.Figures.Id} {cost.Figures.Name}");
            table.With("Total", money(cost.Total) + (cost.Figures.IsEnded ? "" : " so far: it has not ended"));
            table.With("Compute", $"{money(cost.Compute)} for {Seconds(cost.Figures.ActionSeconds)} of actions and {Seconds(cost.Figures.Seconds)} of the orchestration");
            table.With("Storage", $"{money(cost.Storage)} for {Humanize.Count(cost.Objects.Length, "object")} up to the end of the run");
            if (cost.Failures > 0)
                table.With("Failures", $"{money(cost.Failures)} of the compute costs, for attempts that failed");
            if (cost.Recoveries > 0)
                table.With("Recoveries", $"{money(cost.Recoveries)} of the compute costs, for making lost objects again");
            terminal.Rich.Write(table);
            if (cost.Steps.Length > 0)
            {
                var steps = Columns.NewTable("Step").WithNumbers("Actions", "Compute", "Storage", "Together");
                foreach (var step in cost.Steps)
                    steps.AddRow(new Text(Terminal.Plain(step.Step)), new Text($"{step.Actions:N0}"), new Text(money(step.Compute)), new Text(money(step.Storage)), new Text(money(step.Compute + step.Storage)));
                terminal.Rich.MarkupLine("\n[bold]Steps[/]");
                terminal.Rich.Write(steps);
            }

            PrintObjects(cost, terminal, money);
        },
        writer =>
        {
            writer.WriteString("orchId", cost.Figures.Id.Value);
            writer.WriteString("name", cost.Figures.Name);
            writer.WriteBoolean("ended", cost.Figures.IsEnded);
            Write(writer, cost);
            writer.WriteNumber("failureCost", cost.Failures);
            writer.WriteNumber("recoveryCost", cost.Recoveries);
            writer.WriteStartArray("steps");
            foreach (var step in cost.Steps)
            {
                writer.WriteStartObject();
                writer.WriteString("step", step.Step);
                writer.WriteNumber("actions", step.Actions);
                writer.WriteNumber("computeCost", step.Compute);
                writer.WriteNumber("storageCost", step.Storage);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartArray("objects");
            foreach (var item in cost.Objects)
            {
                writer.WriteStartObject();
                writer.WriteString("object", item.Object.Value);
                writer.WriteNumber("size", item.Size);
                writer.WriteNumber("lifetime", item.Lifetime);
                writer.WriteNumber("storageCost", item.Storage);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });

    /// <summary>The mean costs of the runs of a name.</summary>
    public static CostTable Of(IReadOnlyList<RunCost> costs, string name, PriceChoice prices)
    {
        var mean = MeanCost.Of([.. costs.Select(c => (c.Compute, c.Storage))]);
        return new(
            prices,
            terminal =>
            {
                var money = Formatter(prices);
                var table = Columns.NewSummary();
                table.With("Runs", $"{mean.Runs:N0} of {name}, which cost on average:");
                table.With("Total", $"{money(mean.Total)}, from {money(costs.Min(c => c.Total))} to {money(costs.Max(c => c.Total))}");
                table.With("Compute", money(mean.Compute));
                table.With("Storage", money(mean.Storage));
                table.With("Failures", $"{money(costs.Sum(c => c.Failures))} in all runs together");
                table.With("Recoveries", $"{money(costs.Sum(c => c.Recoveries))} in all runs together");
                terminal.Rich.Write(table);
            },
            writer =>
            {
                writer.WriteString("name", name);
                Write(writer, mean);
                writer.WriteStartArray("costs");
                foreach (var cost in costs)
                {
                    writer.WriteStartObject();
                    writer.WriteString("orchId", cost.Figures.Id.Value);
                    Write(writer, cost);
                    writer.WriteNumber("failureCost", cost.Failures);
                    writer.WriteNumber("recoveryCost", cost.Recoveries);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            });
    }

    /// <summary>The mean costs of actions.</summary>
    public static CostTable Of(IReadOnlyList<ActionCost> costs, string action, PriceChoice prices)
    {
        var mean = MeanCost.Of([.. costs.Select(c => (c.Compute, c.Storage))]);
        return new(
            prices,
            terminal =>
            {
                var money = Formatter(prices);
                var table = Columns.NewSummary();
                table.With("Action", $"{action}: {Humanize.Count(costs.Count, "action")} of {Humanize.Count(costs.Select(c => c.Run).Distinct().Count(), "run")}, which cost on average:");
                table.With("Total", $"{money(mean.Total)}, from {money(costs.Min(c => c.Total))} to {money(costs.Max(c => c.Total))}");
                table.With("Compute", $"{money(mean.Compute)} for {Seconds(costs.Average(c => c.Action.MeanSeconds))}, the mean time of an attempt");
                table.With("Storage", $"{money(mean.Storage)} for what it wrote, up to the end of the run");
                terminal.Rich.Write(table);
            },
            writer =>
            {
                writer.WriteString("action", action);
                writer.WriteNumber("actions", costs.Count);
                writer.WriteNumber("runtime", costs.Average(c => c.Action.MeanSeconds));
                Write(writer, mean.Compute, mean.Storage);
                writer.WriteStartArray("costs");
                foreach (var cost in costs)
                {
                    writer.WriteStartObject();
                    writer.WriteString("orchId", cost.Run.Value);
                    writer.WriteString("actionId", cost.Action.Id.Value);
                    writer.WriteNumber("runtime", cost.Action.MeanSeconds);
                    Write(writer, cost.Compute, cost.Storage);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            });
    }

    /// <summary>Prints it.</summary>
    public void Print(Terminal terminal)
    {
        _print(terminal);
        terminal.Say($"Charges: {_prices.Source}.");
    }

    public byte[] ToJson() => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", SchemaVersion);
        PriceJson.Write(writer, _prices);
        _write(writer);
        writer.WriteEndObject();
    }).Utf8.ToArray();

    private static void PrintObjects(RunCost cost, Terminal terminal, Func<double, string> money)
    {
        if (cost.Objects.IsEmpty)
            return;
        var width = Math.Max(LeastObject, terminal.Rich.Profile.Width - WidthOfNumbers);
        var objects = Columns.NewTable("Object").WithNumbers("Size", "Lifetime", "Storage");
        objects.Columns[0].NoWrap();
        foreach (var item in cost.Objects.OrderByDescending(o => o.Storage).Take(MostObjects))
            objects.AddRow(new Text(Humanize.ShortenStart(item.Object.Value, width)), new Text(Humanize.Bytes(item.Size)), new Text(Seconds(item.Lifetime)), new Text(money(item.Storage)));
        terminal.Rich.MarkupLine("\n[bold]Objects[/] (the costliest first)");
        terminal.Rich.Write(objects);
        if (cost.Objects.Length > MostObjects)
            terminal.Say($"… and {cost.Objects.Length - MostObjects:N0} more; --json lists all");
    }

    private static Func<double, string> Formatter(PriceChoice prices) => amount => Humanize.Money(amount, prices.Currency);

    private static string Seconds(double seconds) => Humanize.Duration(TimeSpan.FromSeconds(seconds));

    private static void Write(Utf8JsonWriter writer, RunCost cost)
    {
        writer.WriteNumber("timeTaken", cost.Figures.Seconds);
        writer.WriteNumber("actionTimeTaken", cost.Figures.ActionSeconds);
        Write(writer, cost.Compute, cost.Storage);
    }

    private static void Write(Utf8JsonWriter writer, MeanCost mean)
    {
        writer.WriteNumber("runs", mean.Runs);
        Write(writer, mean.Compute, mean.Storage);
    }

    private static void Write(Utf8JsonWriter writer, double compute, double storage)
    {
        writer.WriteNumber("computeCost", compute);
        writer.WriteNumber("storageCost", storage);
        writer.WriteNumber("totalCost", compute + storage);
    }
}
