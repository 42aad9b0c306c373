using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Orchestration.Host.Tests.Support;

/// <summary>What a host process printed and ended with.</summary>
internal sealed record HostResult(int ExitCode, string Output, string Errors)
{
    public string All => Output + Errors;

    /// <summary>The one JSON document on stdout.</summary>
    public JsonElement Json()
    {
        try
        {
            return JsonDocument.Parse(Output).RootElement;
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException($"stdout is not one JSON document ({e.Message}):\n{Output}\nstderr:\n{Errors}", e);
        }
    }

    /// <summary>The document that follows other lines, from the first line that begins with a text.</summary>
    public JsonElement Json(string beginning) => (this with { Output = Output[(("\n" + Output).IndexOf("\n" + beginning, StringComparison.Ordinal))..] }).Json();

    public HostResult MustExitWith(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode}, not {exitCode}; stdout:\n{Output}\nstderr:\n{Errors}");
        Assert.DoesNotContain("   at ", Errors, StringComparison.Ordinal);
        return this;
    }
}

/// <summary>The built host as a process, in a folder and an environment of its own.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private static readonly Dictionary<string, string> NoSettings = [];
    // The longest runs are those of ./test --full.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(System.Environment.GetEnvironmentVariable("ORCHESTRATION_TEST_FULL") is { Length: > 0 } ? 20 : 4);

    private readonly Process _process;
    private readonly Lines _output;
    private readonly Lines _errors;

    private HostProcess(Process process)
    {
        _process = process;
        _output = new Lines(process.StandardOutput);
        _errors = new Lines(process.StandardError);
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    // Beside this test's own folder, built in the same configuration.
    internal static string Assembly
    {
        get
        {
            var own = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
            return Path.Combine(own.Parent!.Parent!.FullName, "Orchestration.Host", own.Name, "Orchestration.Host.dll");
        }
    }

    public static HostProcess Start(string folder, params string[] arguments) => Start(folder, NoSettings, arguments);

    public static HostProcess Start(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var process = Process.Start(Info(folder, environment, [], arguments))!;
        process.StandardInput.Close();
        return new HostProcess(process);
    }

    /// <summary>Runs the host in a pseudo-terminal of that many columns and lines.</summary>
    /// <returns>What it ended with, and in Output all that it sent to the terminal, as it was sent.</returns>
    public static async Task<HostResult> RunInTerminalAsync(string folder, int columns, int lines, params string[] arguments)
    {
        string[] terminal = ["python3", Path.GetFullPath("../../../../tests/services/in-terminal.py", Path.GetDirectoryName(Assembly)!), $"{columns}", $"{lines}"];
        using var process = Process.Start(Info(folder, new Dictionary<string, string> { ["TERM"] = "xterm-256color" }, terminal, arguments))!;
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(Patience);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
        await process.WaitForExitAsync(patience.Token);
        return new HostResult(process.ExitCode, await output, await errors);
    }

    private static ProcessStartInfo Info(string folder, IReadOnlyDictionary<string, string> environment, string[] before, string[] arguments)
    {
        // Tests that run in the background of a shell inherit that SIGINT is ignored, and .NET would keep it so.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", .. before, "dotnet", Assembly, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("Orchestration__", StringComparison.OrdinalIgnoreCase) || name.StartsWith("AWS_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        start.Environment.Remove("WSK_CONFIG_FILE");
        // No settings of whoever runs the tests.
        start.Environment["HOME"] = folder;
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return start;
    }

    public static Task<HostResult> RunAsync(string folder, params string[] arguments) => RunAsync(folder, NoSettings, arguments);

    public static async Task<HostResult> RunAsync(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        await using var host = Start(folder, environment, arguments);
        return await host.WaitAsync();
    }

    /// <summary>Waits for a line on stdout or stderr that holds the text.</summary>
    public async Task<string> WaitForLineAsync(string text)
    {
        using var patience = new CancellationTokenSource(Patience);
        var (output, errors) = (_output.FindAsync(text, patience.Token), _errors.FindAsync(text, patience.Token));
        var first = await await Task.WhenAny(output, errors);
        return first ?? await output ?? await errors ?? throw new InvalidOperationException($"The host ended without '{text}':\n{_output.Text}\n{_errors.Text}");
    }

    /// <summary>Waits for the process's end.</summary>
    public async Task<HostResult> WaitAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        await Task.WhenAll(_output.Ended, _errors.Ended).WaitAsync(patience.Token);
        return new HostResult(_process.ExitCode, _output.Text, _errors.Text);
    }

    /// <summary>Sends a signal, such as INT, TERM or KILL.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -{name} {_process.Id}")]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>SIGKILL, at once; the process may have ended already.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private sealed class Lines
    {
        private readonly StreamReader _reader;
        private readonly Lock _gate = new();
        private readonly StringBuilder _text = new();
        private readonly List<(string Text, TaskCompletionSource<string?> Found)> _waiting = [];
        private bool _ended;

        public Lines(StreamReader reader)
        {
            _reader = reader;
            Ended = ReadAsync();
        }

        public Task Ended { get; }

        public string Text
        {
            get
            {
                lock (_gate)
                    return _text.ToString();
            }
        }

        public Task<string?> FindAsync(string text, CancellationToken cancellation)
        {
            lock (_gate)
            {
                if (_text.ToString().Split('\n').FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is { } line)
                    return Task.FromResult<string?>(line);
                if (_ended)
                    return Task.FromResult<string?>(null);
                var found = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add((text, found));
                return found.Task.WaitAsync(cancellation);
            }
        }

        private async Task ReadAsync()
        {
            while (await _reader.ReadLineAsync() is { } line)
            {
                lock (_gate)
                {
                    _text.Append(line).Append('\n');
                    foreach (var (text, found) in _waiting)
                        if (line.Contains(text, StringComparison.Ordinal))
                            found.TrySetResult(line);
                }
            }
            lock (_gate)
            {
                _ended = true;
                foreach (var (_, found) in _waiting)
                    found.TrySetResult(null);
            }
        }
    }
}
