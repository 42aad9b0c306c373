using Orchestration.Host.Terminals;

namespace Orchestration.Host.Tests.Reports;

public sealed class HumanizeTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1_000, "1.00 kB")]
    [InlineData(9_996, "10.0 kB")]
    [InlineData(999_600, "1.00 MB")]
    [InlineData(3_449_999, "3.45 MB")]
    [InlineData(123_456_789, "123 MB")]
    [InlineData(2_000_000_000_000_000, "2000 TB")]
    public void Bytes_have_three_digits(long bytes, string expected) => Assert.Equal(expected, Humanize.Bytes(bytes));

    [Theory]
    [InlineData(-1, "0 ms")]
    [InlineData(0.0004, "0 ms")]
    [InlineData(0.0125, "12 ms")]
    [InlineData(0.9996, "1.00 s")]
    [InlineData(59.94, "59.9 s")]
    [InlineData(59.97, "1 min 00 s")]
    [InlineData(125.4, "2 min 05 s")]
    [InlineData(11_045, "3 h 04 min")]
    [InlineData(90_000, "1 d 01 h")]
    public void Durations_have_the_unit_that_fits(double seconds, string expected) => Assert.Equal(expected, Humanize.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("short", 10, "short")]
    [InlineData("two\nlines", 10, "two lines")]
    [InlineData("rather a long text", 10, "rather a…")]
    [InlineData("bell\u001b[31m", 20, "bell�[31m")]
    public void Shortened_text_is_one_line_without_control_characters(string text, int length, string expected) => Assert.Equal(expected, Humanize.Shorten(text, length));

    [Theory]
    [InlineData("/plain/path-1.txt", "/plain/path-1.txt")]
    [InlineData("with space", "'with space'")]
    [InlineData("it's", @"'it'\''s'")]
    [InlineData("", "''")]
    public void Text_for_a_shell_is_quoted_where_it_must(string text, string expected) => Assert.Equal(expected, ShellText.Quote(text));

    [Theory]
    [InlineData(0, "", "0")]
    [InlineData(12.3456, "USD", "12.35 USD")]
    [InlineData(1234.5, "", "1234.50")]
    [InlineData(0.0123456, "USD", "0.01235 USD")]
    [InlineData(0.000038942, "USD", "3.894e-5 USD")]
    [InlineData(1.6623e-13, "", "1.662e-13")]
    public void Money_has_four_digits_however_small_it_is(double amount, string currency, string expected) => Assert.Equal(expected, Humanize.Money(amount, currency));

    [Theory]
    [InlineData("b/short", "b/short")]
    [InlineData("bucket/chunk_12.mp4", "…unk_12.mp4")]
    public void Keys_are_cut_at_their_beginning(string key, string expected) => Assert.Equal(expected, Humanize.ShortenStart(key, 11));
}
