using System.Globalization;

namespace Orchestration.Persistence.Sqlite.Catalogs;

/// <summary>How values stand in the catalog.</summary>
internal static class CatalogText
{
    // Of one width, so that the text sorts as the time does; seven digits keep a time exactly.
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    // The round-trip format of a time in UTC is TimeFormat, and is made several times as fast.
    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    public static object OrNull(DateTimeOffset? time) => time is { } t ? Of(t) : DBNull.Value;

    public static object OrNull(object? value) => value ?? DBNull.Value;

    public static DateTimeOffset Time(string text) =>
        DateTimeOffset.ParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
