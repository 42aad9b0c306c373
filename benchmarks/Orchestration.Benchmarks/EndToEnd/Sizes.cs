using System.Globalization;

namespace Orchestration.Benchmarks.EndToEnd;

/// <summary>How much a case does: all of it, or a hundredth where it only has to work.</summary>
internal static class Sizes
{
    public static bool IsSmoke { get; } = Environment.GetEnvironmentVariable("ORCHESTRATION_BENCHMARK_SMOKE") is { Length: > 0 };

    public static int Of(int full) => IsSmoke ? Math.Max(10, full / 100) : full;

    /// <summary>The most memory that this process has had, in MB.</summary>
    public static double PeakMegabytes => ReadStatus("VmHWM:");

    /// <summary>The memory that this process has, in MB.</summary>
    public static double Megabytes => ReadStatus("VmRSS:");

    /// <summary>The value below which so many of the others are.</summary>
    /// <param name="values">The values, not empty.</param>
    /// <param name="share">Such as 0.99.</param>
    public static double Quantile(IEnumerable<double> values, double share)
    {
        var ordered = values.Order().ToList();
        return ordered[Math.Min(ordered.Count - 1, (int)(ordered.Count * share))];
    }

    // Source: proc(5), in kB.
    private static double ReadStatus(string name) =>
        double.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith(name, StringComparison.Ordinal)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
}
