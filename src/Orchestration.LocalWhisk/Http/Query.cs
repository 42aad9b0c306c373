using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Orchestration.LocalWhisk.Http;

/// <summary>Query parameters with OpenWhisk's defaults, ranges and complaints. Unknown ones are ignored.</summary>
internal readonly struct Query(IQueryCollection query)
{
    private const int DefaultLimit = 30;
    private const int MaxLimit = 200;

    public string? Text(string name) => query[name] is [{ Length: > 0 } value, ..] ? value : null;

    public bool Flag(string name, bool otherwise)
    {
        if (Text(name) is not { } value)
            return otherwise;
        return value.ToLowerInvariant() switch
        {
            "true" or "yes" or "on" or "1" => true,
            "false" or "no" or "off" or "0" => false,
            _ => throw ApiException.BadParameter(name, $"'{value}' is not a valid Boolean value"),
        };
    }

    /// <summary>Items of one page; 0 asks for as many as there can be.</summary>
    public int Limit(string collection)
    {
        if (Text("limit") is not { } text)
            return DefaultLimit;
        var limit = Whole("limit", text, collection);
        if (limit is < 0 or > MaxLimit)
            throw ApiException.BadParameter("limit", $"The value '{text}' is not in the range of 0 to {MaxLimit} for {collection}.");
        return limit == 0 ? MaxLimit : (int)limit;
    }

    public int Skip(string collection)
    {
        if (Text("skip") is not { } text)
            return 0;
        var skip = Whole("skip", text, collection);
        if (skip < 0)
            throw ApiException.BadParameter("skip", $"The value '{text}' is not greater than or equal to 0 for {collection}.");
        return (int)Math.Min(skip, int.MaxValue);
    }

    /// <summary>Epoch milliseconds. OpenWhisk's complaint says seconds; the unit is ms all the same.</summary>
    public long Time(string name, long otherwise)
    {
        if (Text(name) is not { } text)
            return otherwise;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var time)
            ? time
            : throw ApiException.BadParameter(name, $"Parameter is not a valid value for epoch seconds: {text}");
    }

    /// <summary>How long the client of a blocking call wants to wait.</summary>
    public TimeSpan Wait(TimeSpan longest)
    {
        if (Text("timeout") is not { } text)
            return longest;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var wait) && wait > 0 && wait <= longest.TotalMilliseconds
            ? TimeSpan.FromMilliseconds(wait)
            : throw ApiException.BadParameter("timeout", string.Create(CultureInfo.InvariantCulture, $"Timeout must be number of milliseconds up to {longest.TotalMilliseconds:F0}."));
    }

    private static long Whole(string name, string text, string collection) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw ApiException.BadParameter(name, $"The value '{text}' is not an integer for {collection}.");
}
