using System.Diagnostics;

namespace Orchestration.Tests.Services;

/// <summary>
/// The MongoDB of the tests: the stand-in in tests/services/mongodb as a process of its own, or the server that ORCHESTRATION_TEST_MONGODB names
/// (a connection string without a database). The stand-in can be killed and started again on what it has stored.
/// </summary>
public sealed class MongoServer : IAsyncDisposable
{
    private readonly string[] _options;
    private readonly string _folder = Directory.CreateTempSubdirectory("mongodb-").FullName;
    private readonly List<string> _databases = [];
    private Process? _process;
    private int _port;

    private MongoServer(string[] options) => _options = options;

    /// <summary>The connection string of a real server; null when the tests use the stand-in.</summary>
    public static string? Real => Environment.GetEnvironmentVariable("ORCHESTRATION_TEST_MONGODB") is { Length: > 0 } real ? real : null;

    /// <summary>Without a database.</summary>
    public string ConnectionString => Real is { } real && _process is null ? real : $"mongodb://127.0.0.1:{_port}/";

    /// <summary>The server of a test run: the real one when there is one, else the stand-in as a replica set of one member.</summary>
    public static async Task<MongoServer> StartAsync()
    {
        var server = new MongoServer(["--replica-set", "rs0"]);
        if (Real is null)
            await server.StartProcessAsync();
        return server;
    }

    /// <summary>A stand-in with options of its own, also when there is a real server.</summary>
    public static async Task<MongoServer> StartOwnAsync(params string[] options)
    {
        var server = new MongoServer(options);
        await server.StartProcessAsync();
        return server;
    }

    /// <summary>The connection string of a database that no other test has; removed in the end.</summary>
    public string NewDatabase()
    {
        var name = $"test_{Guid.NewGuid():N}";
        lock (_databases)
            _databases.Add(name);
        return Of(name);
    }

    /// <summary>The connection string of a database.</summary>
    public string Of(string database)
    {
        var text = ConnectionString;
        var options = text.IndexOf('?', StringComparison.Ordinal);
        var server = (options < 0 ? text : text[..options]).TrimEnd('/');
        return $"{server}/{database}{(options < 0 ? "" : text[options..])}";
    }

    /// <summary>Kills the stand-in; its port stays free for <see cref="StartAgainAsync"/>.</summary>
    public async Task KillAsync()
    {
        _process!.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    public Task StartAgainAsync() => StartProcessAsync();

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }
        else if (Real is { } real)
        {
            using var client = new MongoDB.Driver.MongoClient(real);
            foreach (var database in _databases)
                await client.DropDatabaseAsync(database);
        }
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartProcessAsync()
    {
        var script = Path.Combine(Root(), "tests", "services", "mongodb", "start.py");
        _process = Process.Start(new ProcessStartInfo(await PythonAsync(), [script, $"{_port}", _folder, .. _options]) { RedirectStandardOutput = true })!;
        var line = await _process.StandardOutput.ReadLineAsync();
        if (line is null || !line.StartsWith("listening ", StringComparison.Ordinal))
            throw new InvalidOperationException($"The tests' MongoDB did not start: '{line}'. It needs python3-mongomock and python3-pymongo (./test installs them), or name a real server in ORCHESTRATION_TEST_MONGODB.");
        _port = int.Parse(line["listening ".Length..], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The first Python that has the packages which the stand-in needs.</summary>
    public static async Task<string> PythonAsync()
    {
        foreach (var python in new[] { "/usr/bin/python3", "python3" })
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(python, ["-c", "import mongomock, bson, pymongo"]) { RedirectStandardError = true })!;
                await process.WaitForExitAsync();
                if (process.ExitCode == 0)
                    return python;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // There is none of that name.
            }
        }
        throw new InvalidOperationException("The tests' MongoDB needs a Python 3 with mongomock and pymongo. Install with: apt-get install python3-mongomock python3-pymongo (./test does it), or name a real server in ORCHESTRATION_TEST_MONGODB.");
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Orchestration.sln")))
                return folder.FullName;
        throw new InvalidOperationException($"No Orchestration.sln above {AppContext.BaseDirectory}: run the tests from where they are built.");
    }
}
