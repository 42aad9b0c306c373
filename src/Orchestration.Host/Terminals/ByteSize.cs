using System.Globalization;

namespace Orchestration.Host.Terminals;

/// <summary>Sizes as people write them, the reverse of <see cref="Humanize.Bytes"/>.</summary>
internal static class ByteSize
{
    private static readonly (string Unit, double Bytes)[] Units =
        [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1)];

    /// <summary>Reads a size.</summary>
    /// <param name="text">Such as <c>31700000</c>, <c>31.7MB</c> or <c>30 MiB</c>; case does not matter.</param>
    /// <param name="bytes">The size in bytes, rounded.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string text, out long bytes)
    {
        var (number, factor) = (text.Trim(), 1.0);
        foreach (var (unit, size) in Units)
        {
            if (number.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
            {
                (number, factor) = (number[..^unit.Length].TrimEnd(), size);
                break;
            }
        }

        var read = double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value * factor < long.MaxValue;
        bytes = read ? (long)Math.Round(value * factor) : 0;
        return read;
    }
}
