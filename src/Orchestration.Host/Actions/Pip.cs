using Orchestration.Host.Installing;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Actions;

/// <summary>Has pip put packages into a folder. Where Python comes without pip, as on Debian, one of a throw-away environment is used.</summary>
internal static class Pip
{
    private const string Python = "python3";
    private const int MostComplaint = 2000;

    /// <summary>Installs what a requirements file asks for.</summary>
    /// <param name="folder">What paths in the file are relative to.</param>
    /// <param name="requirements">The file.</param>
    /// <param name="target">Where the packages go.</param>
    /// <param name="version">The Python that they are for, such as 3.11; null for this machine's.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The Python that they are for.</returns>
    /// <exception cref="CommandException">There is no pip, or it fails.</exception>
    public static async Task<string> InstallAsync(string folder, string requirements, string target, string? version, CancellationToken cancellation)
    {
        var asked = await ProgramRun.RunAsync(Python, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"], cancellation);
        var own = asked.Output.Trim();
        string[] options = version is null || version == own ? [] : ["--python-version", version, "--only-binary=:all:"];
        var environment = Directory.CreateTempSubdirectory("orchestration-pip-").FullName;
        try
        {
            string[] pip = await FindAsync(environment, cancellation);
            var done = await ProgramRun.RunInAsync(folder, pip[0], [.. pip[1..], "install", "--quiet", "--no-compile", "--disable-pip-version-check", "--target", target, .. options, "-r", requirements], cancellation);
            return done.ExitCode == 0 ? version ?? own : throw CommandException.Failure(
                $"pip cannot resolve {Path.Combine(folder, requirements)}{(version is null ? "" : $" for Python {version}")}: {Shorten(done.Errors)}\nCorrect the file; or install the packages by hand (python3 -m pip install --target {ShellText.Quote(Path.Combine(folder, "virtualenv", "lib", "python" + own, "site-packages"))} ..., with a bin/activate_this.py in virtualenv); "
                + $"or deploy with an image that has them ('{CommandName.Text} action dockerfile' writes its Dockerfile) and --docker IMAGE.");
        }
        finally
        {
            Directory.Delete(environment, recursive: true);
        }
    }

    private static async Task<string[]> FindAsync(string environment, CancellationToken cancellation)
    {
        if ((await ProgramRun.RunAsync(Python, ["-m", "pip", "--version"], cancellation)).ExitCode == 0)
            return [Python, "-m", "pip"];
        var made = await ProgramRun.RunAsync(Python, ["-m", "venv", environment], cancellation);
        return made.ExitCode == 0
            ? [Path.Combine(environment, "bin", "pip")]
            : throw CommandException.Failure("requirements.txt needs pip, and this Python has neither pip nor the means to make an environment with it. Install one (Debian: apt install python3-pip or python3-venv).");
    }

    // The end tells the cause.
    private static string Shorten(string text) => text.Trim() is var all && all.Length > MostComplaint ? "…" + all[^MostComplaint..] : all;
}
