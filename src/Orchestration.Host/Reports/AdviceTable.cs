using System.Collections.Immutable;
using Orchestration.Core.Costs;
using Orchestration.Core.Json;
using Orchestration.Host.Settings;
using Orchestration.Host.Terminals;
using Spectre.Console;

namespace Orchestration.Host.Reports;

/// <summary>What to keep and what to make again, for people and as JSON.</summary>
internal static class AdviceTable
{
    private const int SchemaVersion = 1;
    private const int MostObjects = 40;
    private const int WidthOfNumbers = 58;
    private const int LeastObject = 22;

    /// <summary>Prints it.</summary>
    /// <param name="figures">The run.</param>
    /// <param name="advice">Its intermediate objects.</param>
    /// <param name="removed">Those that were removed; null when nothing was to be.</param>
    /// <param name="prices">The charges.</param>
    /// <param name="terminal">Where to.</param>
    public static void Print(RunFigures figures, ImmutableArray<KeepingAdvice> advice, List<KeepingAdvice>? removed, PriceChoice prices, Terminal terminal)
    {
        if (advice.IsEmpty)
        {
            terminal.Say($"The run {figures.Id} has no intermediate objects: none that it wrote and read.");
            return;
        }

        var width = Math.Max(LeastObject, terminal.Rich.Profile.Width - WidthOfNumbers);
        var table = Columns.NewTable("Object").WithNumbers("Size", "Keeping", "Making", "Re-runs");
        table.AddColumn("");
        table.Columns[0].NoWrap();
        foreach (var item in advice.OrderByDescending(a => a.Keep - a.Make).Take(MostObjects))
        {
            table.AddRow(
                new Text(Humanize.ShortenStart(item.Object.Value, width)),
                new Text(Humanize.Bytes(item.Size)),
                new Text(Humanize.Money(item.Keep, prices.Currency)),
                new Text(Humanize.Money(item.Make, prices.Currency)),
                new Text($"{item.Reruns.Length:N0}"),
                new Markup(item.Evict ? "[yellow]remove[/]" : "[green]keep[/]"));
        }

        terminal.Rich.Write(table);
        if (advice.Length > MostObjects)
            terminal.Say($"… and {advice.Length - MostObjects:N0} more; --json lists all");
        var evicted = advice.Where(a => a.Evict).ToList();
        terminal.Say(evicted.Count == 0
            ? "All of them are cheaper to keep."
            : $"Removing {Humanize.Count(evicted.Count, "object")} ({Humanize.Bytes(evicted.Sum(a => a.Size))}) saves {Humanize.Money(evicted.Sum(a => a.Keep), prices.Currency)} of keeping; making all of them again costs at most {Humanize.Money(evicted.Sum(a => a.Make), prices.Currency)}.");
        if (removed is not null)
            terminal.Say($"removed {Humanize.Count(removed.Count, "object")}; whoever reads one has it made again, and runs heal {figures.Id} makes all of them again");
        else if (evicted.Count > 0)
            terminal.Say("--apply removes them.");
        terminal.Say($"Charges: {prices.Source}.");
    }

    public static byte[] ToJson(RunFigures figures, ImmutableArray<KeepingAdvice> advice, List<KeepingAdvice>? removed, PriceChoice prices) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", SchemaVersion);
        writer.WriteString("orchId", figures.Id.Value);
        PriceJson.Write(writer, prices);
        writer.WriteStartArray("objects");
        foreach (var item in advice)
        {
            writer.WriteStartObject();
            writer.WriteString("object", item.Object.Value);
            writer.WriteNumber("size", item.Size);
            writer.WriteNumber("keepCost", item.Keep);
            writer.WriteNumber("makeCost", item.Make);
            writer.WriteBoolean("evict", item.Evict);
            if (removed is not null)
                writer.WriteBoolean("removed", removed.Contains(item));
            writer.WriteStartArray("reruns");
            foreach (var action in item.Reruns)
                writer.WriteStringValue(action.Value);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }).Utf8.ToArray();
}
