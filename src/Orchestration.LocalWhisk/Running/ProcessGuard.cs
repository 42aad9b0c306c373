using System.Diagnostics;

namespace Orchestration.LocalWhisk.Running;

/// <summary>
/// A small process that outlives the server by a moment and kills the action processes it left, even when the server was killed
/// itself. An action that is busy could not notice that on its own, and what it started could not at all.
/// </summary>
internal sealed class ProcessGuard : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Process _process;

    public ProcessGuard(string script)
    {
        // A group of its own: Ctrl-C on the terminal must not end the guard before the server.
        _process = Process.Start(ProcessTree.InOwnGroup("/bin/sh", [script]))!;
        _process.StandardOutput.Close();
        _process.StandardError.Close();
    }

    public void Add(int pid) => Tell($"+ {pid}\n");

    public void Remove(int pid) => Tell($"- {pid}\n");

    public void Dispose()
    {
        lock (_lock)
        {
            try
            {
                _process.StandardInput.Close();
            }
            catch (IOException)
            {
                // Somebody ended the guard; there is nothing left for it to do.
            }
            _process.Dispose();
        }
    }

    private void Tell(string line)
    {
        lock (_lock)
        {
            try
            {
                _process.StandardInput.Write(line);
                _process.StandardInput.Flush();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // Without the guard, processes still end when their connection to the server does.
            }
        }
    }
}
