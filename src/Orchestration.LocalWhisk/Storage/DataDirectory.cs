using System.Reflection;

namespace Orchestration.LocalWhisk.Storage;

/// <summary>The folders of one server, held against a second server while it is open.</summary>
internal sealed class DataDirectory : IDisposable
{
    // Longer than this and the address of a Unix socket does not fit (macOS has the least room, 104 bytes).
    private const int MaxSocketPathBytes = 100;
    private readonly FileStream _lock;
    private readonly string? _temporaryFolder;

    private DataDirectory(string root, FileStream held)
    {
        _lock = held;
        Actions = Make(root, "actions");
        Packages = Make(root, "packages");
        Activations = Make(root, "activations");
        Processes = Path.Combine(root, "processes");
        if (Directory.Exists(Processes))
            Directory.Delete(Processes, recursive: true);
        Directory.CreateDirectory(Processes);
        Launchers = Make(root, "launchers");
        foreach (var name in (ReadOnlySpan<string>)["guard.sh", "node_launcher.js", "python_launcher.py", "Orchestration.LocalWhisk.DotNetLauncher.dll", "Orchestration.LocalWhisk.DotNetLauncher.runtimeconfig.json"])
            WriteLauncher(name);
        var control = Make(root, "control");
        ControlSocket = Path.Combine(control, "socket");
        if (System.Text.Encoding.UTF8.GetByteCount(ControlSocket) > MaxSocketPathBytes)
        {
            _temporaryFolder = Directory.CreateTempSubdirectory("local-openwhisk-").FullName;
            ControlSocket = Path.Combine(_temporaryFolder, "socket");
        }
        else if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(control, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        File.Delete(ControlSocket);
    }

    public string Actions { get; }

    public string Packages { get; }

    public string Activations { get; }

    /// <summary>Holds the working folder of each action process; emptied on opening.</summary>
    public string Processes { get; }

    public string Launchers { get; }

    /// <summary>Where action processes connect to; other users of the machine cannot.</summary>
    public string ControlSocket { get; }

    public static DataDirectory Open(string path)
    {
        var root = Path.GetFullPath(path);
        FileStream? held = null;
        try
        {
            Directory.CreateDirectory(root);
            var probe = Path.Combine(root, "write-test");
            File.WriteAllBytes(probe, new byte[4096]);
            File.Delete(probe);
            held = Hold(root);
            return new DataDirectory(root, held);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            throw new LocalWhiskException($"The data directory {root} cannot be written to: {e.Message} Free space or correct its permissions, or choose another with --data-dir.", e);
        }
    }

    public void Dispose()
    {
        _lock.Dispose();
        if (_temporaryFolder is not null && Directory.Exists(_temporaryFolder))
            Directory.Delete(_temporaryFolder, recursive: true);
    }

    private static FileStream Hold(string root)
    {
        try
        {
            return new FileStream(Path.Combine(root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new LocalWhiskException($"Another local OpenWhisk is using the data directory {root}. Stop it, or choose another directory with --data-dir.", e);
        }
    }

    private static string Make(string root, string name) => Directory.CreateDirectory(Path.Combine(root, name)).FullName;

    private void WriteLauncher(string name)
    {
        using var source = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var target = File.Create(Path.Combine(Launchers, name));
        source.CopyTo(target);
    }
}
