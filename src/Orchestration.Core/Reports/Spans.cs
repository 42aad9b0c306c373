namespace Orchestration.Core.Reports;

/// <summary>Spans between times that different clocks told.</summary>
internal static class Spans
{
    /// <summary>Clocks of different machines may disagree: a span is never negative.</summary>
    public static TimeSpan Between(DateTimeOffset from, DateTimeOffset to) => to > from ? to - from : TimeSpan.Zero;
}
