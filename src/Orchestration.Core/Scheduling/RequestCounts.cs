using System.Globalization;

namespace Orchestration.Core.Scheduling;

/// <summary>How many requests a process has sent to OpenWhisk for its activations.</summary>
/// <param name="Invocations">POSTs.</param>
/// <param name="Looks">GETs for the record of one activation.</param>
/// <param name="ListPages">GETs for a page of the list of activations.</param>
public readonly record struct RequestCounts(long Invocations, long Looks, long ListPages)
{
    /// <summary>Requests for each invocation, the POST itself included; 0 before the first.</summary>
    public double PerInvocation => Invocations == 0 ? 0 : (double)(Invocations + Looks + ListPages) / Invocations;

    /// <summary>In a few words for people.</summary>
    /// <returns>Such as <c>1,250 requests to OpenWhisk: 1,000 invocations, 210 looks, 40 list pages (1.25 for each activation)</c>.</returns>
    public string ToText() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Invocations + Looks + ListPages:N0} requests to OpenWhisk: {Invocations:N0} invocations, {Looks:N0} looks, {ListPages:N0} list pages ({PerInvocation:0.##} for each activation)");
}
