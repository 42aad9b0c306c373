using Orchestration.Host.Terminals;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Terminals;

public sealed class LiveAreaTests : IDisposable
{
    private readonly StringWriter _sent = new();

    public void Dispose() => _sent.Dispose();

    [Fact]
    public void Lines_are_replaced_in_place_and_messages_go_above_them()
    {
        var area = new LiveArea(_sent, colors: true);

        area.Draw([[new Piece("a", Tone.Good), new Piece(" 1")], [new Piece("b")], [new Piece("a longer line")]]);
        area.Print("a message that is too long for the terminal", Tone.Warning, 30);
        area.Draw([[new Piece("a 2")], [new Piece("short")]]);

        // A terminal makes a line feed into a line end.
        Assert.Equal(["a message that is too long for", "  the terminal", "a 2", "short", ""], new Screen(30, _sent.ToString().Replace("\n", "\r\n", StringComparison.Ordinal)).Lines);
    }

    [Fact]
    public void What_has_not_changed_is_not_sent_again()
    {
        var area = new LiveArea(_sent, colors: false);
        area.Draw([[new Piece("a", Tone.Good)]]);
        var length = _sent.ToString().Length;

        area.Draw([[new Piece("a", Tone.Good)]]);

        Assert.Equal(length, _sent.ToString().Length);
        Assert.DoesNotContain("\e[32m", _sent.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fits", 10, "fits")]
    [InlineData("two words more", 10, "two words|  more")]
    [InlineData("onelongword", 5, "onelo|  ngw|  ord")]
    [InlineData("", 5, "")]
    public void Text_is_broken_between_words(string text, int width, string expected) => Assert.Equal(expected, string.Join('|', Humanize.Wrap(text, width)));
}
