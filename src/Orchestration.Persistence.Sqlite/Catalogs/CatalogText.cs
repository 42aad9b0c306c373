using System.Globalization;

namespace Orchestration.Persistence.Sqlite.Catalogs;

/// <summary>How values stand in the catalog.</summary>
internal static class CatalogText
{
    // Of one width, so that the text sorts as the time does; seven digits keep a time exactly.
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    /// <summary>How many characters a time has.</summary>
    public const int TimeLength = 28;

    /// <summary>Writes a time as UTF-8 text.</summary>
    /// <param name="time">The time.</param>
    /// <param name="utf8"><see cref="TimeLength"/> bytes.</param>
    // The round-trip format of a time in UTC is TimeFormat, and is made several times as fast.
    public static void Write(DateTimeOffset time, Span<byte> utf8) => time.UtcDateTime.TryFormat(utf8, out _, "O", CultureInfo.InvariantCulture);

    public static object OrNull(object? value) => value ?? DBNull.Value;

    public static DateTimeOffset Time(string text) =>
        DateTimeOffset.ParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
