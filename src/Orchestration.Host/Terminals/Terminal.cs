using Spectre.Console;

namespace Orchestration.Host.Terminals;

/// <summary>
/// Where a command writes: the answer to stdout, and what happens meanwhile to stdout too, or to stderr when the answer is JSON. Safe for
/// many threads.
/// </summary>
internal sealed class Terminal
{
    private readonly Lock _gate = new();
    private readonly Lazy<IAnsiConsole> _console;
    private readonly TextWriter _people;
    private readonly TextWriter _complaints;
    private bool _live;

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

    /// <summary>A line for people. Never wrapped where it may be read by a program.</summary>
    public void Say(string line)
    {
        lock (_gate)
        {
            // What a live display has drawn is moved down by the console, not by the writer.
            if (_live)
                Rich.WriteLine(Plain(line));
            else
                _people.WriteLine(Plain(line));
        }
    }

    /// <summary>A warning or an error, on stderr.</summary>
    public void Complain(string line)
    {
        lock (_gate)
        {
            if (_live)
                Rich.MarkupLineInterpolated($"[yellow]{Plain(line)}[/]");
            else
                _complaints.WriteLine(Plain(line));
        }
    }

    /// <summary>The one JSON document on stdout.</summary>
    public static void PrintJson(ReadOnlySpan<byte> utf8)
    {
        using var stdout = Console.OpenStandardOutput();
        stdout.Write(utf8);
        stdout.WriteByte((byte)'\n');
    }

    /// <summary>Until disposed, lines go above what a live display has drawn.</summary>
    public IDisposable GoLive()
    {
        lock (_gate)
            _live = true;
        return new Leave(this);
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
                terminal._live = false;
        }
    }
}
