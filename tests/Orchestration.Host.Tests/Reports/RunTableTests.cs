using Orchestration.Core.Identity;
using Orchestration.Core.Ports;
using Orchestration.Host.Reports;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Tests.Reports;

public sealed class RunTableTests
{
    private static readonly DateTimeOffset Start = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly RunSummary[] Runs =
    [
        Run("6745a1b2c3d4e5f601234567", "video-transcoding-of-all-the-films-of-the-archive", 50_001, Start.AddHours(3)),
        Run("6745a1b2c3d4e5f601234568", "hello", 3, null),
    ];

    [Theory]
    [InlineData(80)]
    [InlineData(160)]
    public void A_run_is_one_line_however_many_actions_it_has(int columns)
    {
        var lines = Print(terminal => terminal.Rich.Profile.Width = columns, terminal => terminal.Rich.Write(RunTable.Of(Runs, columns)));

        Assert.Equal(3, lines.Length);
        Assert.All(lines, line => Assert.True(line.Length <= columns, line));
        Assert.Contains("50001/50001", lines[1], StringComparison.Ordinal);
        Assert.Equal(columns == 160, lines[1].Contains(Runs[0].Name, StringComparison.Ordinal));
    }

    [Fact]
    public void A_program_that_reads_the_list_gets_whole_names()
    {
        var lines = Print(_ => { }, terminal => terminal.WriteLines(width => RunTable.Of(Runs, width)));

        Assert.Equal(3, lines.Length);
        Assert.Contains(Runs[0].Name, lines[1], StringComparison.Ordinal);
    }

    private static RunSummary Run(string id, string name, int actions, DateTimeOffset? end) =>
        new(OrchestrationId.Parse(id), name, end is null ? "running" : "completed", Start, end, actions, actions, 0, actions, 1.5, null);

    private static string[] Print(Action<Terminal> prepare, Action<Terminal> write)
    {
        using var text = new StringWriter();
        var terminal = new Terminal(text, TextWriter.Null, verbose: false);
        prepare(terminal);
        write(terminal);
        return [.. text.ToString().Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0)];
    }
}
