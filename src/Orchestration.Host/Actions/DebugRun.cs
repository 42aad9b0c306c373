using System.Diagnostics;
using System.Text;
using Orchestration.Core.Json;
using Orchestration.Host.Commands;
using Orchestration.Host.Logs;
using Orchestration.Host.Running;
using Orchestration.Host.Terminals;
using Orchestration.OpenWhisk;

namespace Orchestration.Host.Actions;

/// <summary>Runs a Python action in the foreground: it has the terminal, so that the debugger works.</summary>
internal static class DebugRun
{
    // The body comes in a file: the terminal's input is the debugger's. The action's folder comes first on the path, as it does on the platform.
    private const string Script = """
        import json, os, runpy, sys

        entry, function, body = sys.argv[1:4]
        sys.argv = [entry]
        sys.path[0] = os.path.dirname(entry)
        with open(body) as file:
            args = json.load(file)
        result = runpy.run_path(entry, run_name="__main__action__")[function](args)
        print(json.dumps(result, indent=2, ensure_ascii=False))
        sys.exit(1 if not isinstance(result, dict) or "error" in result else 0)

        """;

    public static async Task<int> RunAsync(ActionSource source, string? main, JsonBytes parameters, Invocation invocation)
    {
        if (source.Family != ActionFamily.Python)
            throw CommandException.Usage($"--debug runs Python actions, and '{source.Path}' is none. Leave it out, or use the debugger of its language.");
        var folder = Directory.CreateTempSubdirectory("orchestration-debug-").FullName;
        try
        {
            var (script, body) = (Path.Combine(folder, "debug.py"), Path.Combine(folder, "body.json"));
            await File.WriteAllTextAsync(script, Script, invocation.Interruption);
            await File.WriteAllBytesAsync(body, Body(source.Name, parameters), invocation.Interruption);
            var entry = source.IsFolder ? Path.Combine(source.Path, source.Entry) : source.Path;
            var start = new ProcessStartInfo("python3", [script, entry, main ?? "main", body]) { WorkingDirectory = Path.Combine(folder) };
            foreach (var (name, value) in LocalWhisks.Options(invocation.Settings, ObjectStores.Open(invocation.Settings, isLocal: true), LogOutput.Factory(invocation.Terminal)).ActionEnvironment)
                start.Environment[name] = value;
            if (ProjectFiles.PythonPackages is { } packages)
                start.Environment["PYTHONPATH"] = packages;
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync(CancellationToken.None);
            return process.ExitCode == 0 ? ExitCodes.Completed : ExitCodes.Failed;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw CommandException.Failure($"'python3' cannot be started: {e.Message} Install it (Debian: apt install python3).", e);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static byte[] Body(string name, JsonBytes parameters)
    {
        var request = ActionTrial.NewRequest(name, parameters);
        return Encoding.UTF8.GetBytes(InvocationBody.Of(request));
    }
}
