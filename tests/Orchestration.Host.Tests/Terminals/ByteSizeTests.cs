using Orchestration.Host.Terminals;

namespace Orchestration.Host.Tests.Terminals;

public class ByteSizeTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("31700000", 31_700_000)]
    [InlineData("31.7MB", 31_700_000)]
    [InlineData(" 31.7 mb ", 31_700_000)]
    [InlineData("2kB", 2000)]
    [InlineData("2KiB", 2048)]
    [InlineData("1GiB", 1_073_741_824)]
    [InlineData("12 B", 12)]
    public void Sizes_are_read_as_people_write_them(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out var read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MB")]
    [InlineData("-1")]
    [InlineData("5x")]
    [InlineData("1e9")]
    [InlineData("99999999999 TB")]
    public void Other_texts_are_no_sizes(string text) => Assert.False(ByteSize.TryParse(text, out _));
}
