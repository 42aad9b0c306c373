using System.Buffers.Binary;
using System.Globalization;

namespace Orchestration.Core.Identity;

/// <summary>
/// The text form of MongoDB ObjectIds: 4 bytes seconds since 1970, 5 bytes random per process, 3 bytes counter, as hexadecimal digits
/// (source: the BSON specification's ObjectId).
/// </summary>
public static class ObjectIdText
{
    internal const string Zero = "000000000000000000000000";
    private const int Digits = 24;

    /// <summary>Composes an id from parts that the caller draws.</summary>
    /// <param name="time">Time of creation; its whole seconds are kept.</param>
    /// <param name="random">The process's random number; its low 40 bits are kept.</param>
    /// <param name="counter">The process's counter; its low 24 bits are kept.</param>
    /// <returns>24 lower-case hexadecimal digits.</returns>
    public static string Compose(DateTimeOffset time, ulong random, uint counter)
    {
        Span<byte> bytes = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)time.ToUnixTimeSeconds());
        BinaryPrimitives.WriteUInt64BigEndian(bytes[4..], (random << 24) | (counter & 0xFFFFFF));
        return Convert.ToHexStringLower(bytes);
    }

    internal static DateTimeOffset TimeOf(string id) => DateTimeOffset.FromUnixTimeSeconds(uint.Parse(id.AsSpan(0, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    internal static bool IsValid(string? text)
    {
        if (text is not { Length: Digits })
            return false;
        foreach (var c in text)
            if (!char.IsAsciiHexDigit(c))
                return false;
        return true;
    }

    internal static string Normalize(string text, string what) => IsValid(text)
        ? text.ToLowerInvariant()
        : throw new FormatException($"'{text}' is no {what}: it takes 24 hexadecimal digits, such as 6745a1b2c3d4e5f601234567.");

    internal static string Add(string id, int offset)
    {
        var tail = ulong.Parse(id.AsSpan(8), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return string.Concat(id.AsSpan(0, 8), unchecked(tail + (ulong)offset).ToString("x16", CultureInfo.InvariantCulture));
    }
}
