using Orchestration.Host.Commands;

namespace Orchestration.Host.Tests.Commands;

public sealed class TimeFilterTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 12, 0, 0, TimeSpan.FromHours(1));

    [Theory]
    [InlineData("2h", "2026-03-02T09:00:00Z")]
    [InlineData("1d", "2026-03-01T11:00:00Z")]
    [InlineData("90", "2026-03-02T10:58:30Z")]
    [InlineData("2026-03-01T14:30Z", "2026-03-01T14:30:00Z")]
    [InlineData("2026-03-01T14:30:15+02:00", "2026-03-01T12:30:15Z")]
    [InlineData("yesterday", null)]
    [InlineData("2026-13-01", null)]
    [InlineData("-1h", null)]
    public void Times_are_how_long_ago_or_dates(string text, string? expected) =>
        Assert.Equal(expected is null ? null : DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), TimeFilter.TryParse(text, Now));

    [Fact]
    public void A_date_without_a_zone_is_of_this_machine() =>
        Assert.Equal(new DateTime(2026, 3, 1, 14, 30, 0, DateTimeKind.Local), TimeFilter.TryParse("2026-03-01T14:30", Now)!.Value.LocalDateTime);
}
