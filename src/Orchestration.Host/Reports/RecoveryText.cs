using Orchestration.Core.Reports;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Reports;

/// <summary>Says what making lost objects again took.</summary>
internal static class RecoveryText
{
    /// <summary>Such as <c>1 lost object by 1 action that ran again: 2.9 s, 6.20 MB read, 520 kB written</c>.</summary>
    /// <param name="totals">Sums of a run in which something was made again.</param>
    public static string Cost(ReportTotals totals)
    {
        var cost = totals.Recovered;
        return $"{Humanize.Count(cost.Objects, "lost object")} by {Humanize.Count(totals.Recoveries, "action")} that ran again: "
            + $"{Humanize.Duration(cost.ActionTime)}, {Humanize.Bytes(cost.BytesRead)} read, {Humanize.Bytes(cost.BytesWritten)} written";
    }
}
