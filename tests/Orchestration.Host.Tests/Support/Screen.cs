using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestration.Host.Tests.Support;

/// <summary>What a terminal shows of the text it was sent: knows line ends, cursor up, erasing, and passes over colours.</summary>
internal sealed partial class Screen
{
    private readonly int _columns;
    private readonly List<string> _lines = [""];
    private int _row;
    private int _column;

    public Screen(int columns, string sent)
    {
        _columns = columns;
        foreach (Match piece in Pieces().Matches(sent))
            Take(piece.Value);
    }

    /// <summary>All lines from the first on, scrolled off or not.</summary>
    public IReadOnlyList<string> Lines => [.. _lines.Select(l => l.TrimEnd())];

    private void Take(string piece)
    {
        switch (piece)
        {
            case "\r":
                _column = 0;
                break;
            case "\n":
                _row++;
                if (_row == _lines.Count)
                    _lines.Add("");
                break;
            case "\e[K":
                _lines[_row] = _lines[_row][..Math.Min(_column, _lines[_row].Length)];
                break;
            case "\e[J":
                Take("\e[K");
                _lines.RemoveRange(_row + 1, _lines.Count - _row - 1);
                break;
            case ['\e', .., 'A']:
                _row -= int.Parse(piece.AsSpan(2, piece.Length - 3), CultureInfo.InvariantCulture);
                break;
            case ['\e', .., 'm' or 'h' or 'l' or '=' or '>']:
                break;
            case ['\e', ..]:
                throw new InvalidOperationException($"The terminal does not know {piece[1..]}.");
            default:
                foreach (var letter in piece)
                    Put(letter);
                break;
        }
    }

    private void Put(char letter)
    {
        if (_column == _columns)
        {
            Take("\r");
            Take("\n");
        }
        var line = _lines[_row].PadRight(_column);
        _lines[_row] = line[.._column] + letter + (_column + 1 < line.Length ? line[(_column + 1)..] : "");
        _column++;
    }

    [GeneratedRegex(@"\x1b\[\??[0-9;]*[A-Za-z]|\x1b[=>]|\r|\n|[^\x1b\r\n]+|\x1b")]
    private static partial Regex Pieces();
}
