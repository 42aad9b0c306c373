using System.Text.RegularExpressions;

namespace Orchestration.Host.Terminals;

/// <summary>Keeps credentials in URLs from being printed where a text comes from elsewhere, such as the driver's or the command line parser's.</summary>
internal static partial class Redaction
{
    /// <summary>The text with <c>***</c> for whatever stands before the host of a URL.</summary>
    public static string Of(string text) => Credentials().Replace(text, "://***@");

    [GeneratedRegex(@"://(?!\[USER:PASSWORD@)[^\s'""]*@")]
    private static partial Regex Credentials();
}
