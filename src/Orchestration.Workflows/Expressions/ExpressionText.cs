using System.Text;
using System.Text.RegularExpressions;

namespace Orchestration.Workflows.Expressions;

/// <summary>A piece of a text: either plain text or an expression.</summary>
/// <param name="Text">The plain text, or the expression between its marks, without white space around it.</param>
/// <param name="IsExpression">Which of the two.</param>
/// <param name="Mark">Where the expression's <c>${{</c> stands in the text.</param>
/// <param name="Start">Where the expression itself stands in the text.</param>
internal readonly record struct Piece(string Text, bool IsExpression, int Mark, int Start);

/// <summary>Finds the expressions in a text.</summary>
internal static partial class ExpressionText
{
    /// <summary>What begins an expression.</summary>
    public const string Opening = "${{";

    private const string Closing = "}}";

    /// <summary>Splits a text at its expressions.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="unclosed">Where an expression begins that has no end; -1 when there is none.</param>
    /// <returns>The pieces in order.</returns>
    public static List<Piece> Split(string text, out int unclosed)
    {
        var pieces = new List<Piece>();
        var from = 0;
        unclosed = -1;
        while (text.IndexOf(Opening, from, StringComparison.Ordinal) is >= 0 and var mark)
        {
            if (mark > from)
                pieces.Add(new Piece(text[from..mark], false, from, from));
            var start = mark + Opening.Length;
            var end = EndOf(text, start);
            if (end < 0)
            {
                unclosed = mark;
                return pieces;
            }

            var inner = text[start..end];
            pieces.Add(new Piece(inner.Trim(), true, mark, start + inner.Length - inner.TrimStart().Length));
            from = end + Closing.Length;
        }

        if (from < text.Length)
            pieces.Add(new Piece(text[from..], false, from, from));
        return pieces;
    }

    /// <summary>A word with a hyphen inside, which JMESPath reads as a subtraction and which then silently gives null.</summary>
    /// <param name="expression">JMESPath.</param>
    /// <param name="at">Where the word stands.</param>
    /// <returns>The word; null when there is none.</returns>
    public static string? HyphenatedWord(string expression, out int at)
    {
        var match = Hyphenated().Match(Masked(expression));
        at = match.Index;
        return match.Success ? match.Value : null;
    }

    /// <summary>Where a name stands in an expression, outside of quoted text unless it is quoted itself.</summary>
    public static int PlaceOf(string name, string? under, string expression)
    {
        var word = $@"(?<![\w""]){(under is null ? "" : $@"{under}\s*\.\s*")}""?(?<name>{Regex.Escape(name)})(?!\w)";
        var match = Regex.Match(expression, word, RegexOptions.None, TimeSpan.FromSeconds(1));
        return match.Success ? match.Groups["name"].Index : under is null ? 0 : PlaceOf(name, null, expression);
    }

    /// <summary>The end is a <c>}}</c> outside of quotes and of the expression's own braces.</summary>
    private static int EndOf(string text, int start)
    {
        var depth = 0;
        for (var i = start; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\'' or '"' or '`':
                    i = EndOfQuoted(text, i);
                    break;
                case '{':
                    depth++;
                    break;
                case '}' when depth > 0:
                    depth--;
                    break;
                case '}' when i + 1 < text.Length && text[i + 1] == '}':
                    return i;
            }
        }

        return -1;
    }

    private static int EndOfQuoted(string text, int at)
    {
        var quote = text[at];
        for (var i = at + 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == quote)
                return i;
        }

        return text.Length;
    }

    private static string Masked(string expression)
    {
        var masked = new StringBuilder(expression);
        for (var i = 0; i < expression.Length; i++)
        {
            if (expression[i] is not ('\'' or '"' or '`'))
                continue;
            var end = Math.Min(EndOfQuoted(expression, i), expression.Length - 1);
            for (; i < end; i++)
                masked[i] = ' ';
            masked[end] = ' ';
        }

        return masked.ToString();
    }

    [GeneratedRegex(@"[A-Za-z_]\w*(-\w+)+", RegexOptions.CultureInvariant)]
    private static partial Regex Hyphenated();
}
