using System.Diagnostics;
using System.Globalization;
using Orchestration.LocalWhisk.Actions;
using Orchestration.LocalWhisk.Storage;

namespace Orchestration.LocalWhisk.Running;

/// <summary>Starts the processes that actions run in, and finds the runtimes that others started.</summary>
internal sealed class ActionProcessLauncher(LocalWhiskOptions options, DataDirectory data, Runtimes runtimes, ControlListener control, ProcessGuard guard, RemoteRuntimes remote)
{
    // OpenWhisk's own mark; what follows it here keeps an action from ending its log by printing it.
    private const string EndMark = "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX";
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(30);
    private int _started;

    /// <exception cref="CodeException">The action's code, or the interpreter for it, cannot be used.</exception>
    /// <exception cref="InvalidOperationException">The process did not start or ended at once.</exception>
    public async Task<ActionRuntime> LaunchAsync(WhiskAction action)
    {
        if (action.Exec.Url is not null)
            return remote.For(action);
        var interpreter = runtimes.For(action.Exec);
        if (interpreter is not { Path: { } program })
            throw new CodeException(interpreter.Problem!, interpreter.Problem!);
        var folder = Path.Combine(data.Processes, Interlocked.Increment(ref _started).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(folder);
        Directory.CreateDirectory(ActionProcess.TemporaryFolder(folder));
        try
        {
            CodeFolder.Unpack(action.Exec, folder);
            return await StartAsync(action, program, folder);
        }
        catch
        {
            ActionProcess.RemoveFolder(folder);
            throw;
        }
    }

    private async Task<ActionProcess> StartAsync(WhiskAction action, string program, string folder)
    {
        var token = RandomIds.Alphanumeric32();
        string[] script = action.Exec.IsDotNet
            ? ["exec", "--runtimeconfig", Path.Combine(data.Launchers, "Orchestration.LocalWhisk.DotNetLauncher.runtimeconfig.json"), Path.Combine(data.Launchers, "Orchestration.LocalWhisk.DotNetLauncher.dll")]
            : [Path.Combine(data.Launchers, action.Exec.IsPython ? "python_launcher.py" : "node_launcher.js")];
        var process = new Process { StartInfo = ProcessTree.InOwnGroup(program, [.. script, control.Path, token]) };
        process.StartInfo.WorkingDirectory = folder;
        SetEnvironment(process.StartInfo.Environment, folder);
        using var patience = new CancellationTokenSource(ConnectPatience);
        var arrival = control.ExpectAsync(token, patience.Token);
        try
        {
            process.Start();
            guard.Add(process.Id);
            var exited = process.WaitForExitAsync(CancellationToken.None);
            process.StandardInput.Close();
            if (await Task.WhenAny(arrival, exited) == arrival && arrival.IsCompletedSuccessfully)
                return new ActionProcess(action, process, exited, await arrival, folder, $"{EndMark} {RandomIds.Alphanumeric32()}", guard);
        }
        finally
        {
            await patience.CancelAsync();
        }
        ProcessTree.Kill(process);
        guard.Remove(process.Id);
        var complaint = await process.StandardError.ReadToEndAsync();
        process.Dispose();
        throw new InvalidOperationException($"The process for '{action.Name}' did not start: {complaint}");
    }

    // Nothing of the server's own environment but the search path: actions on a real platform would not have the rest either.
    private void SetEnvironment(IDictionary<string, string?> environment, string folder)
    {
        var path = Environment.GetEnvironmentVariable("PATH");
        environment.Clear();
        environment["PATH"] = path;
        environment["HOME"] = folder;
        // A process that is killed removes nothing; what it leaves here goes with it.
        environment["TMPDIR"] = ActionProcess.TemporaryFolder(folder);
        environment["LANG"] = "C.UTF-8";
        if (options.PythonPath.Count > 0)
            environment["PYTHONPATH"] = string.Join(Path.PathSeparator, options.PythonPath);
        if (options.NodePath.Count > 0)
            environment["NODE_PATH"] = string.Join(Path.PathSeparator, options.NodePath);
        foreach (var (name, value) in options.ActionEnvironment)
            environment[name] = value;
    }
}
