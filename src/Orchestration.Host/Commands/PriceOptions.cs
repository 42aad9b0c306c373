using System.CommandLine;
using Orchestration.Core.Costs;
using Orchestration.Host.Settings;

namespace Orchestration.Host.Commands;

/// <summary>The options that set the charges of commands that tell costs.</summary>
internal static class PriceOptions
{
    public static readonly Option<string?> Sheet = new("--prices")
    {
        HelpName = "SHEET",
        Description = $"A price sheet: {string.Join(", ", PriceSheet.Presets.Select(p => p.Name))} [default: {PriceChoice.DefaultSheet} when no charge is given]",
    };

    public static readonly Option<string?> Compute = new("--compute-charge") { HelpName = "CHARGE", Description = "The charge per second that an attempt runs [default: the sheet's]" };

    public static readonly Option<string?> Orchestration = new("--orchestration-charge") { HelpName = "CHARGE", Description = "The charge per second that an orchestration takes [default: the sheet's]" };

    public static readonly Option<string?> Storage = new("--storage-charge") { HelpName = "CHARGE", Description = "The charge per byte that is kept for a second [default: the sheet's]" };

    public static readonly Option<string?> Currency = new("--currency") { HelpName = "NAME", Description = "What the charges are in, shown with the costs [default: the sheet's, else none]" };

    /// <summary>The options alone.</summary>
    public static IReadOnlyList<Option<string?>> All => [Sheet, Compute, Orchestration, Storage, Currency];

    /// <summary>Adds them to a command that looks at stored runs and answers for people or programs.</summary>
    public static void AddTo(Command command)
    {
        foreach (var option in (IEnumerable<Option>)[.. All, CommonOptions.Format, CommonOptions.Json])
            command.Options.Add(option);
        CommonOptions.AddStored(command);
    }

    /// <summary>The charges that a command works with.</summary>
    public static PriceChoice Read(Invocation invocation) => PriceChoice.Read(name =>
    {
        var option = All.Single(o => o.Name == PriceChoice.Known.Single(k => k.Name == name).Option);
        return invocation.Line.GetValue(option) is { Length: > 0 } typed ? new Given(typed, option.Name) : invocation.Settings.Prices(name);
    });
}
