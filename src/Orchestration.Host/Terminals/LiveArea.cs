using System.Text;

namespace Orchestration.Host.Terminals;

/// <summary>
/// The lines at the bottom of a terminal that are redrawn in place; other lines go above them. Each change is one write that overwrites what stands there
/// and erases only what is left over, so that nothing flickers.
/// </summary>
/// <param name="output">The terminal.</param>
/// <param name="colors">Whether it shows colours.</param>
internal sealed class LiveArea(TextWriter output, bool colors)
{
    // "Synchronized output": terminals that know it show the whole change at once, others pass over it.
    private const string Begin = "\e[?2026h";
    private const string End = "\e[?2026l";
    private const string EraseToEndOfLine = "\e[K";
    private const string EraseBelow = "\e[J";

    private string[] _shown = [];

    /// <summary>Shows lines in place of those before; none may be as long as the terminal is wide.</summary>
    public void Draw(IEnumerable<IReadOnlyList<Piece>> lines)
    {
        var drawn = lines.Select(Render).ToArray();
        if (drawn.SequenceEqual(_shown))
            return;
        var text = new StringBuilder(Begin).Append(ToTop());
        Append(text, drawn);
        _shown = drawn;
        Write(text);
    }

    /// <summary>Puts a text above, broken into lines that the terminal is wide enough for.</summary>
    public void Print(string message, Tone tone, int width)
    {
        var text = new StringBuilder(Begin).Append(ToTop()).Append(EraseBelow);
        foreach (var line in message.Split('\n').SelectMany(line => Humanize.Wrap(line, Math.Max(width, 20))))
            text.Append(Render([new Piece(line, tone)])).Append('\n');
        Append(text, _shown);
        Write(text);
    }

    private static void Append(StringBuilder text, string[] lines)
    {
        foreach (var line in lines)
            text.Append(line).Append(EraseToEndOfLine).Append('\n');
        text.Append(EraseBelow);
    }

    private string ToTop() => _shown.Length == 0 ? "" : FormattableString.Invariant($"\r\e[{_shown.Length}A");

    private string Render(IReadOnlyList<Piece> line) => string.Concat(line.Select(piece => CodeOf(piece.Tone) is { } code && colors ? $"\e[{code}m{piece.Text}\e[0m" : piece.Text));

    private static string? CodeOf(Tone tone) => tone switch
    {
        Tone.Dim => "2",
        Tone.Good => "32",
        Tone.Bad => "31",
        Tone.Warning => "33",
        Tone.Active => "34",
        _ => null,
    };

    private void Write(StringBuilder text)
    {
        output.Write(text.Append(End).ToString());
        output.Flush();
    }
}
