using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestration.LocalWhisk.Faults;

namespace Orchestration.LocalWhisk;

/// <summary>Settings of one <see cref="LocalWhiskServer"/>. Only <see cref="DataDirectory"/> has no default.</summary>
/// <remarks>
/// The limits default to OpenWhisk's own (its reference.md and application.conf), except where a remark says otherwise: work
/// that a laptop does, such as encoding a long video, needs more time than a shared platform gives.
/// </remarks>
public sealed record LocalWhiskOptions
{
    /// <summary>The development key of the <c>guest</c> namespace that every OpenWhisk checkout ships with. It protects nothing.</summary>
    public const string GuestAuth =
        "23bc46b1-71f6-4ed5-8c54-816aa4f8c502:123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP";

    /// <summary>Folder for actions, activation records and the working folders of action processes; made when it is not there. One server at a time.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>TCP port on 127.0.0.1. Default: 0, any free port.</summary>
    public int Port { get; init; }

    /// <summary>The accepted credentials as <c>uuid:key</c>. Default: <see cref="GuestAuth"/>.</summary>
    public string Auth { get; init; } = GuestAuth;

    /// <summary>The one namespace that the credentials open. Default: guest.</summary>
    public string Namespace { get; init; } = "guest";

    /// <summary>
    /// The most action processes alive at once; a call beyond it waits for one to become free, first come first served (a call
    /// whose action has a warm process may go ahead of others for at most 200 ms). Default: twice the processors, at least 8.
    /// </summary>
    public int MaxProcesses { get; init; } = Math.Max(8, 2 * Environment.ProcessorCount);

    /// <summary>The most activations accepted and not finished; a call beyond it is refused with 429. Default: 10,000.</summary>
    public int MaxInFlight { get; init; } = 10_000;

    /// <summary>The most calls of actions in one clock minute, refused ones included; a call beyond it is refused with 429. Default: null, no limit (OpenWhisk: 60).</summary>
    public int? InvocationsPerMinute { get; init; }

    /// <summary>
    /// Web origins (<c>scheme://host[:port]</c>) whose pages may call this server, <c>*</c> for all. Everything here runs code, so
    /// requests with another Origin, or for a Host that is not this machine's loopback, are refused. Default: none.
    /// </summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Environment variables that every action process gets besides its own, such as the object store's address. Default: none.</summary>
    public IReadOnlyDictionary<string, string> ActionEnvironment { get; init; } = new Dictionary<string, string>();

    /// <summary>Folders put on the module path of Python actions. Default: none.</summary>
    public IReadOnlyList<string> PythonPath { get; init; } = [];

    /// <summary>Folders in which Node.js actions find modules that they do not bring, such as the <c>openwhisk</c> that the platform's image has. Default: none.</summary>
    public IReadOnlyList<string> NodePath { get; init; } = [];

    /// <summary>The Python 3 interpreter, a path or a name looked up on PATH. Default: python3.</summary>
    public string PythonCommand { get; init; } = "python3";

    /// <summary>The Node.js interpreter, a path or a name looked up on PATH. Default: node.</summary>
    public string NodeCommand { get; init; } = "node";

    /// <summary>Time limit of an action that states none. Default: 60 s.</summary>
    public TimeSpan DefaultTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest time limit an action may state. Default: 1 hour (OpenWhisk: 5 minutes).</summary>
    public TimeSpan MaxTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The largest memory limit an action may state, in MB. Default: 8192 (OpenWhisk: 512).</summary>
    public int MaxMemoryMegabytes { get; init; } = 8192;

    /// <summary>
    /// Whether an action whose process, with what it started, holds more resident memory than its limit is ended, as the real platform does. On Linux only;
    /// looked at five times a second. Default: false.
    /// </summary>
    public bool EnforcesMemory { get; init; }

    /// <summary>A warm process that no call came for in so long is ended. Default: 10 minutes, as on OpenWhisk.</summary>
    public TimeSpan MaxIdle { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Bytes of an invocation's body, of a result and of an action's stored parameters. Default: 1,048,576.</summary>
    public int MaxPayloadBytes { get; init; } = 1024 * 1024;

    /// <summary>Bytes of an action's code, as source text or base64. Default: 50,331,648.</summary>
    public int MaxCodeBytes { get; init; } = 48 * 1024 * 1024;

    /// <summary>The longest that a blocking call is held before it becomes a 202. Default: 60 s.</summary>
    public TimeSpan MaxBlockingWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Time between an activation's end and its record becoming visible, as real deployments have it; for tests. Default: 0.</summary>
    public TimeSpan RecordDelay { get; init; }

    /// <summary>What goes wrong on purpose, for tests of clients; of several of one kind the last counts. Default: nothing.</summary>
    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>Begins the row of draws that decides which requests <see cref="Faults"/> strike. Default: 1.</summary>
    public int FaultSeed { get; init; } = 1;

    /// <summary>The most activation records kept; the oldest go first. Default: 100,000.</summary>
    public int MaxRecords { get; init; } = 100_000;

    /// <summary>The most bytes of activation records kept; the oldest go first. Default: 2 GiB.</summary>
    public long MaxRecordBytes { get; init; } = 2L * 1024 * 1024 * 1024;

    /// <summary>Where trouble is reported that no caller can be told about, such as a record that could not be written. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Makes credentials that nobody can guess: a random UUID and 64 random letters and digits.</summary>
    /// <returns>The pair in the form of <see cref="Auth"/>.</returns>
    public static string NewAuth() => $"{Guid.NewGuid():D}:{RandomNumberGenerator.GetString(RandomIds.Alphanumerics, 64)}";

    internal void Validate()
    {
        var colon = Auth.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || colon == Auth.Length - 1 || !Guid.TryParseExact(Auth[..colon], "D", out _))
            throw new LocalWhiskException("The credentials of the local OpenWhisk must be a UUID and a key joined by a colon (UUID:KEY). Correct --auth, or leave it out.");
        if (!Actions.EntityName.IsLegal(Namespace) || Namespace == "_")
            throw new LocalWhiskException($"'{Namespace}' cannot be the namespace of the local OpenWhisk: use letters, digits, '_', '-', '.', '@' or '&', and begin with a letter or digit.");
        if (Port is < 0 or > 65535)
            throw new LocalWhiskException($"{Port} is not a TCP port. Use --port with a number from 1 to 65535, or 0 for any free port.");
        if (string.IsNullOrWhiteSpace(DataDirectory))
            throw new LocalWhiskException("The local OpenWhisk needs a data directory. Give one with --data-dir.");
        RequirePositive(MaxProcesses, nameof(MaxProcesses));
        RequirePositive(MaxInFlight, nameof(MaxInFlight));
        RequirePositive(InvocationsPerMinute ?? 1, nameof(InvocationsPerMinute));
        RequirePositive(MaxRecords, nameof(MaxRecords));
        RequirePositive(MaxRecordBytes, nameof(MaxRecordBytes));
        RequirePositive(MaxPayloadBytes, nameof(MaxPayloadBytes));
        RequirePositive(MaxCodeBytes, nameof(MaxCodeBytes));
        RequirePositive((long)MaxIdle.TotalMilliseconds, nameof(MaxIdle));
        RequirePositive((long)MaxBlockingWait.TotalMilliseconds, nameof(MaxBlockingWait));
        if (MaxTimeout < DefaultTimeout || DefaultTimeout < TimeSpan.FromMilliseconds(100))
            throw new LocalWhiskException($"The default time limit of actions ({DefaultTimeout}) must be at least 100 ms and at most the longest one ({MaxTimeout}).");
    }

    private static void RequirePositive(long value, string name)
    {
        if (value <= 0)
            throw new LocalWhiskException($"{name} of the local OpenWhisk must be greater than 0, but is {value}.");
    }
}
