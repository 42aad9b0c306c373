using System.Globalization;
using Orchestration.Core.Costs;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Settings;

/// <summary>The charges that costs are computed with, as set under <c>Orchestration:Prices</c> or on the command line, which wins.</summary>
/// <param name="Prices">The charges.</param>
/// <param name="Currency">What they are in.</param>
/// <param name="Source">Where they come from, for people.</param>
internal sealed record PriceChoice(PriceSheet Prices, string Currency, string Source)
{
    public const string DefaultSheet = "aws";

    /// <summary>What can be set, with the option of each.</summary>
    public static readonly (string Name, string Option)[] Known =
        [("Sheet", "--prices"), ("Compute", "--compute-charge"), ("Orchestration", "--orchestration-charge"), ("Storage", "--storage-charge"), ("Currency", "--currency")];

    /// <summary>Reads what is set. A charge that is given replaces that of the named sheet; when any is, those that are not given and have no sheet are 0.</summary>
    /// <param name="given">Tells of a name of <see cref="Known"/> what is set.</param>
    /// <exception cref="CommandException">A value cannot be used.</exception>
    public static PriceChoice Read(Func<string, Given?> given)
    {
        var (compute, orchestration, storage) = (Charge(given("Compute")), Charge(given("Orchestration")), Charge(given("Storage")));
        var ownOnly = given("Sheet") is null && (compute ?? orchestration ?? storage) is not null;
        var sheet = ownOnly ? null : Sheet(given("Sheet"));
        var prices = sheet?.Prices ?? new PriceSheet(0, 0, 0);
        var isChanged = (compute ?? orchestration ?? storage) is not null;
        return new PriceChoice(
            new PriceSheet(compute ?? prices.Compute, orchestration ?? prices.Orchestration, storage ?? prices.Storage),
            given("Currency")?.Value ?? sheet?.Currency ?? "",
            sheet is null ? "charges as given" : isChanged ? $"{sheet.Name} with charges as given" : $"{sheet.Name}, {sheet.Summary}; actions of 256 MB");
    }

    private static NamedPrices Sheet(Given? given) =>
        PriceSheet.Presets.FirstOrDefault(p => p.Name == (given?.Value ?? DefaultSheet))
        ?? throw CommandException.Usage($"{given!.Source}: '{Humanize.Shorten(given.Value, 40)}' is no price sheet. There are: {string.Join(", ", PriceSheet.Presets.Select(p => p.Name))}. Other charges go into {string.Join(", ", Known[1..4].Select(k => k.Option))}.");

    private static double? Charge(Given? given)
    {
        if (given is null)
            return null;
        return double.TryParse(given.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var charge) && double.IsFinite(charge) && charge >= 0
            ? charge
            : throw CommandException.Usage($"{given.Source}: '{Humanize.Shorten(given.Value, 40)}' is not a charge. It takes a number from 0 up, such as 0.0000167 or 2e-15.");
    }
}
