using Orchestration.Host.Running;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Actions;

/// <summary>
/// Packs a Python action: its files with the entry point as <c>__main__.py</c>, <c>object_store</c>, and what <c>requirements.txt</c> asks for in
/// <c>virtualenv/</c>, which OpenWhisk's runtime activates before it imports the action (source: apache/openwhisk-runtime-python, launcher.py).
/// </summary>
internal static class PythonArchive
{
    private const string Entry = "__main__.py";
    private const string Requirements = "requirements.txt";

    // What the tool virtualenv writes puts the packages on the path by the same means. The runtime runs it with __file__ set.
    private const string Activation = """
        import glob, os, site, sys

        base = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        before = list(sys.path)
        for packages in glob.glob(os.path.join(base, "lib", "python*", "site-packages")):
            site.addsitedir(packages)
        sys.path[:] = [path for path in sys.path if path not in before] + before

        """;

    /// <summary>Makes the archive.</summary>
    /// <param name="source">A folder.</param>
    /// <param name="kind">The kind that is asked for; its version is the Python that packages are taken for.</param>
    /// <param name="terminal">Told what takes time.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="CommandException">pip is not there, or cannot resolve the requirements.</exception>
    public static async Task<ActionArchive> MakeAsync(ActionSource source, string kind, Terminal terminal, CancellationToken cancellation)
    {
        var archive = new ActionArchive();
        archive.AddFolder(source.Path, "", name => name != source.Entry && name is not ("Dockerfile" or "input.json") && !name.StartsWith("object_store-", StringComparison.Ordinal));
        archive.Add(Entry, Path.Combine(source.Path, source.Entry));
        // One of the action's own, as the old way of deploying put it there, stays.
        if (ProjectFiles.PythonPackages is { } packages && !archive.Names.Any(n => n.StartsWith("object_store/", StringComparison.Ordinal)))
            archive.AddFolder(Path.Combine(packages, "object_store"), "object_store/", name => name.EndsWith(".py", StringComparison.Ordinal) || name == "py.typed");
        var requirements = Path.Combine(source.Path, Requirements);
        if (File.Exists(requirements) && AsksForAnything(requirements) && !archive.Names.Any(n => n.StartsWith("virtualenv/", StringComparison.Ordinal)))
            await ResolveAsync(archive, source.Path, kind, terminal, cancellation);
        return archive;
    }

    /// <summary>Whether a requirements file has a line that is no comment.</summary>
    public static bool AsksForAnything(string requirements) => File.ReadLines(requirements).Any(line => line.Split('#')[0].Trim().Length > 0);

    private static async Task ResolveAsync(ActionArchive archive, string folder, string kind, Terminal terminal, CancellationToken cancellation)
    {
        var target = Directory.CreateTempSubdirectory("orchestration-packages-").FullName;
        try
        {
            terminal.Note($"resolving {Requirements} with pip ...");
            var version = await Pip.InstallAsync(folder, Requirements, target, WantedVersion(kind), cancellation);
            archive.AddFolder(target, $"virtualenv/lib/python{version}/site-packages/", name => !name.StartsWith("bin/", StringComparison.Ordinal) && !name.EndsWith("/direct_url.json", StringComparison.Ordinal));
            archive.AddText("virtualenv/bin/activate_this.py", Activation);
        }
        finally
        {
            Directory.Delete(target, recursive: true);
        }
    }

    private static string? WantedVersion(string kind) => kind.Split(':') is [_, var version] && version.Contains('.', StringComparison.Ordinal) ? version : null;
}
