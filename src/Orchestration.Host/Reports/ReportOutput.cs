using Orchestration.Core.Reports;
using Orchestration.Host.Storage;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Reports;

/// <summary>Where the report of a run goes: tables or a document on stdout, and JSON into a file when one was named.</summary>
/// <param name="terminal">The terminal.</param>
/// <param name="storage">The storage, for the commands that the report names.</param>
/// <param name="format">What stdout gets.</param>
/// <param name="withoutBodies">Whether JSON leaves the actions' parameters and results out.</param>
/// <param name="file">The file; null for none.</param>
internal sealed class ReportOutput(Terminal terminal, RunStorage storage, OutputFormat format, bool withoutBodies, string? file)
{
    private readonly string? _file = file is null ? null : Path.GetFullPath(file);

    public Terminal Terminal { get; } = terminal;

    /// <summary>Looks whether the file can be written, before a run is started that would have been for nothing.</summary>
    /// <exception cref="CommandException">It cannot.</exception>
    public void Check()
    {
        if (_file is null)
            return;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
            // What an earlier run left is kept until there is something to put in its place.
            var isThere = File.Exists(_file);
            new FileStream(_file, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
            if (!isThere)
                File.Delete(_file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Usage($"--report: '{_file}' cannot be written: {e.Message} Name a file in a folder that you may write to.", e);
        }
    }

    /// <summary>Writes the report.</summary>
    /// <param name="report">The report.</param>
    /// <param name="tables">What people get to see in place of the tables; null for the tables.</param>
    /// <exception cref="CommandException">The file cannot be written; stdout has the report all the same.</exception>
    public void Put(OrchestrationReport report, Action? tables = null)
    {
        var utf8 = format != OutputFormat.Table || _file is not null ? ReportJson.ToUtf8(withoutBodies ? report.WithoutBodies() : report) : [];
        if (format != OutputFormat.Table)
            Terminal.PrintDocument(utf8, format);
        else if (tables is not null)
            tables();
        else
            new ReportTables(Terminal, storage).Print(report);
        if (_file is null)
            return;
        try
        {
            File.WriteAllBytes(_file, [.. utf8, (byte)'\n']);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Failure($"--report: '{_file}' could not be written: {e.Message} The report is kept: {CommandName.Runs($"show {report.Id} --json", storage)}", e);
        }
    }
}
