using System.Diagnostics;
using System.Globalization;

namespace Orchestration.Persistence.Sqlite.Tests.Support;

/// <summary>A run of the program in <c>Orchestration.Persistence.Sqlite.Child</c>, killed at the latest when disposed.</summary>
internal sealed class Child : IDisposable
{
    private readonly Process _process;

    private Child(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        _process = Process.Start(start)!;
    }

    public int Pid => _process.Id;

    private static string Executable => Path.Combine(AppContext.BaseDirectory, "Orchestration.Persistence.Sqlite.Child");

    public static Child Start(params string[] arguments) => new(new ProcessStartInfo(Executable, arguments));

    /// <summary>Starts it so that no file can grow beyond a size: writes then fail as on a disk that breaks.</summary>
    /// <param name="kibibytes">The size.</param>
    /// <param name="arguments">The program's arguments.</param>
    public static Child StartWithFileLimit(int kibibytes, params string[] arguments)
    {
        // POSIX counts ulimit -f in blocks of 512 bytes. With SIGXFSZ ignored, write(2) fails with EFBIG instead of ending the process.
        var limit = (kibibytes * 2).ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo("sh", ["-c", $"trap '' XFSZ; ulimit -f {limit}; exec \"$0\" \"$@\"", Executable, .. arguments]);
        // The runtime keeps its own code in a large memory file otherwise, which the limit would stop.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        return new Child(start);
    }

    public async Task<string?> ReadLineAsync() => await _process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));

    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        return _process.ExitCode;
    }

    public async Task EndInputAsync()
    {
        _process.StandardInput.Close();
        await ExitCodeAsync();
    }

    /// <summary>SIGKILL: the program gets no chance to put anything in order.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitCodeAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
