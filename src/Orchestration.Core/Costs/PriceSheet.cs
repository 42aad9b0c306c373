using System.Collections.Immutable;

namespace Orchestration.Core.Costs;

/// <summary>What running and keeping costs, in one currency of the caller's choice.</summary>
/// <param name="Compute">The charge per second that an attempt runs; the Python tools' <c>computeCharge</c>.</param>
/// <param name="Orchestration">The charge per second that an orchestration takes; their <c>orchestrationComputeCharge</c>.</param>
/// <param name="Storage">The charge per byte that is kept for a second; their <c>objectChargePerSizePerDuration</c>.</param>
public sealed record PriceSheet(double Compute, double Orchestration, double Storage)
{
    // A month of 30 days, as a bill has it, and GB as 2^30 bytes, as AWS counts.
    private const double SecondsOfMonth = 30 * 24 * 3600;
    private const double BytesOfGigabyte = 1L << 30;

    // OpenWhisk gives an action 256 MB unless it asks for another size.
    private const double DefaultGigabytes = 0.25;

    /// <summary>The named price sheets, each for actions of 256 MB and without free allowances.</summary>
    public static ImmutableArray<NamedPrices> Presets { get; } =
    [
        new("aws", new PriceSheet(0.0000166667 * DefaultGigabytes, 0, 0.023 / BytesOfGigabyte / SecondsOfMonth), "USD",
            "AWS Lambda (x86, us-east-1) at $0.0000166667 per GB-s, S3 Standard at $0.023 per GB-month", "https://aws.amazon.com/lambda/pricing/ and https://aws.amazon.com/s3/pricing/"),
        new("ibm", new PriceSheet(0.000017 * DefaultGigabytes, 0, 0.023 / BytesOfGigabyte / SecondsOfMonth), "USD",
            "OpenWhisk as IBM sold it at $0.000017 per GB-s, S3 Standard at $0.023 per GB-month", "https://console.ng.bluemix.net/openwhisk/learn/pricing and https://aws.amazon.com/s3/pricing/"),
    ];

    /// <summary>What an object costs that is kept for a while.</summary>
    /// <param name="bytes">Its size in bytes.</param>
    /// <param name="seconds">How long it is kept, in seconds.</param>
    /// <returns>In the sheet's currency.</returns>
    public double Keep(double bytes, double seconds) => seconds * bytes * Storage;
}

/// <summary>A price sheet that has a name.</summary>
/// <param name="Name">What it is called on a command line.</param>
/// <param name="Prices">The charges.</param>
/// <param name="Currency">What the charges are in, such as <c>USD</c>.</param>
/// <param name="Summary">What it charges, for people.</param>
/// <param name="Source">The pages that say so.</param>
public sealed record NamedPrices(string Name, PriceSheet Prices, string Currency, string Summary, string Source);
