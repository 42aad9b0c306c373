using Spectre.Console;
using Spectre.Console.Rendering;

namespace Orchestration.Host.Terminals;

/// <summary>
/// Where a command writes: the answer to stdout, and what happens meanwhile to stdout too, or to stderr when the answer is JSON. Safe for
/// many threads.
/// </summary>
internal sealed class Terminal
{
    // Longer than any line; what it is for is that nothing is wrapped.
    private const int MostColumns = 100_000;

    private readonly Lock _gate = new();
    private readonly Lazy<IAnsiConsole> _console;
    private readonly TextWriter _people;
    private readonly TextWriter _complaints;
    private LiveArea? _live;

    public Terminal(bool json, bool verbose)
        : this(json ? Console.Error : Console.Out, Console.Error, verbose) =>
        IsInteractive = !(json ? Console.IsErrorRedirected : Console.IsOutputRedirected) && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb");

    internal Terminal(TextWriter people, TextWriter complaints, bool verbose)
    {
        (_people, _complaints, Verbose) = (people, complaints, verbose);
        _console = new Lazy<IAnsiConsole>(() => AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(people),
            Ansi = IsInteractive ? AnsiSupport.Detect : AnsiSupport.No,
        }));
    }

    /// <summary>Shows stack traces and the log.</summary>
    public bool Verbose { get; }

    /// <summary>Whether a person looks at a terminal that can redraw lines.</summary>
    public bool IsInteractive { get; }

    /// <summary>For tables and live displays; everything of the user's in markup is escaped.</summary>
    public IAnsiConsole Rich => _console.Value;

    /// <summary>Whether the log is for programs.</summary>
    public bool LogsJson { get; init; }

    /// <summary>Whether what happens meanwhile is left out.</summary>
    public bool IsQuiet { get; init; }

    /// <summary>A line about what happens meanwhile; a quiet terminal leaves it out.</summary>
    public void Note(string line)
    {
        if (!IsQuiet)
            Say(line);
    }

    /// <summary>A line for people. Never wrapped where it may be read by a program.</summary>
    public void Say(string line)
    {
        lock (_gate)
        {
            if (_live is not null)
                _live.Print(Plain(line), Tone.Plain, Rich.Profile.Width);
            else
                _people.WriteLine(Plain(line));
        }
    }

    /// <summary>A table whose rows are a line each. A program that reads them, such as <c>grep</c>, gets them whole.</summary>
    /// <param name="table">Makes the table for so many columns; null for as many as it likes.</param>
    public void WriteLines(Func<int?, IRenderable> table)
    {
        if (!IsInteractive)
            Rich.Profile.Width = MostColumns;
        Rich.Write(table(IsInteractive ? Rich.Profile.Width : null));
    }

    /// <summary>A warning or an error, on stderr.</summary>
    public void Complain(string line)
    {
        lock (_gate)
        {
            if (_live is not null)
                _live.Print(Plain(line), Tone.Warning, Rich.Profile.Width);
            else
                _complaints.WriteLine(Plain(line));
        }
    }

    /// <summary>The one document on stdout.</summary>
    /// <param name="json">The document.</param>
    /// <param name="format">JSON or YAML.</param>
    public static void PrintDocument(ReadOnlyMemory<byte> json, OutputFormat format)
    {
        using var stdout = Console.OpenStandardOutput();
        stdout.Write(format == OutputFormat.Yaml ? System.Text.Encoding.UTF8.GetBytes(YamlText.Of(json)) : [.. json.Span, (byte)'\n']);
    }

    /// <summary>Until disposed, lines go above what <see cref="Redraw"/> shows.</summary>
    public IDisposable GoLive()
    {
        lock (_gate)
            _live = new LiveArea(_people, Rich.Profile.Capabilities.ColorSystem != ColorSystem.NoColors);
        return new Leave(this);
    }

    /// <summary>Shows lines in place of those that it showed before.</summary>
    public void Redraw(IEnumerable<IReadOnlyList<Piece>> lines)
    {
        lock (_gate)
            _live?.Draw(lines);
    }

    /// <summary>Text without the control characters by which an action's message could steer the terminal.</summary>
    public static string Plain(string text) =>
        text.Any(c => char.IsControl(c) && c is not '\n' and not '\t')
            ? string.Concat(text.Select(c => char.IsControl(c) && c is not '\n' and not '\t' ? '�' : c))
            : text;

    private sealed class Leave(Terminal terminal) : IDisposable
    {
        public void Dispose()
        {
            lock (terminal._gate)
                terminal._live = null;
        }
    }
}
