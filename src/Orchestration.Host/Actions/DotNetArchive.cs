using Orchestration.Host.Installing;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Actions;

/// <summary>Packs a .NET action: what <c>dotnet publish</c> makes of its project.</summary>
internal static class DotNetArchive
{
    private const int MostComplaint = 2000;

    /// <exception cref="CommandException">It does not build.</exception>
    public static async Task<ActionArchive> MakeAsync(ActionSource source, Terminal terminal, CancellationToken cancellation)
    {
        // What the build makes on its way does not belong beside the action's files.
        var work = Directory.CreateTempSubdirectory("orchestration-publish-").FullName;
        var target = Path.Combine(work, "publish");
        try
        {
            terminal.Note($"publishing {source.Entry} ...");
            var done = await ProgramRun.RunInAsync(source.Path, "dotnet", ["publish", source.Entry, "-c", "Release", "-o", target, "--artifacts-path", Path.Combine(work, "artifacts"), "-v", "quiet", "--nologo", "-p:Deterministic=true", "-p:DebugType=none", "-p:UseAppHost=false"], cancellation);
            if (done.ExitCode != 0)
                throw CommandException.Failure($"'{Path.Combine(source.Path, source.Entry)}' does not build: {Shorten(done.Output + done.Errors)}");
            var archive = new ActionArchive();
            archive.AddFolder(target, "");
            return archive;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static string Shorten(string text) => text.Trim() is var all && all.Length > MostComplaint ? all[..MostComplaint] + "…" : all;
}
