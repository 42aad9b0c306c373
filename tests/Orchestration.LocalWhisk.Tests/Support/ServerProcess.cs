using System.Diagnostics;

namespace Orchestration.LocalWhisk.Tests.Support;

/// <summary>The server as a process of its own, for what cannot be done to one's own process.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, Uri address)
    {
        _process = process;
        Http = TestWhisk.Client(address, LocalWhiskOptions.GuestAuth);
    }

    public HttpClient Http { get; }

    /// <param name="directory">Its data directory.</param>
    /// <param name="prelude">Shell commands before it starts.</param>
    public static async Task<ServerProcess> StartAsync(string directory, string prelude = "true")
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo("/bin/sh", ["-c", $"{prelude}; exec \"$0\" \"$@\"", Environment.ProcessPath!, Program.ServeArgument, directory])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            },
        };
        process.Start();
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The server did not start.");
        return new ServerProcess(process, new Uri(line));
    }

    /// <summary>SIGKILL to the server alone, not to what it started.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        Http.Dispose();
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
