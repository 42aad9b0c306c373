using Orchestration.Workflows.Reading;
using Orchestration.Workflows.Yaml;

namespace Orchestration.Workflows.Expressions;

/// <summary>Finds the place in the file of a character of a scalar's text.</summary>
internal sealed class ScalarPlaces(string source, YamlScalar scalar)
{
    /// <summary>The place of a character; the place of its expression's mark when escapes or folded lines hide where exactly it stands.</summary>
    /// <param name="offset">Where the character stands in the scalar's text, from 0 up.</param>
    public Place Of(int offset)
    {
        var marks = Marks(scalar.Text, 0, scalar.Text.Length).TakeWhile(mark => mark <= offset).ToList();
        var written = Marks(source, scalar.Start, scalar.End).Take(marks.Count).ToList();
        if (marks.Count == 0 || written.Count < marks.Count)
            return scalar.Place;
        var length = offset - marks[^1];
        var isVerbatim = written[^1] + length <= scalar.End && string.CompareOrdinal(source, written[^1], scalar.Text, marks[^1], length) == 0;
        return InFile(isVerbatim ? written[^1] + length : written[^1]);
    }

    private static IEnumerable<int> Marks(string text, int from, int to)
    {
        while (text.IndexOf(ExpressionText.Opening, from, to - from, StringComparison.Ordinal) is >= 0 and var mark)
        {
            yield return mark;
            from = mark + 1;
        }
    }

    private Place InFile(int index)
    {
        var breaks = source.AsSpan(scalar.Start, index - scalar.Start).Count('\n');
        var lineStart = index == 0 ? 0 : source.LastIndexOf('\n', index - 1) + 1;
        return new Place(scalar.Place.Line + breaks, index - lineStart + 1);
    }
}
