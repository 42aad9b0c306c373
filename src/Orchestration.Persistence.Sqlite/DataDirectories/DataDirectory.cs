using System.Globalization;

namespace Orchestration.Persistence.Sqlite;

/// <summary>
/// One folder that holds everything a local orchestrator keeps, and the lock that gives it to one process at a time.
/// Within the process it may be opened any number of times; the lock is let go with the last <see cref="Dispose"/>, or by the operating
/// system when the process ends in whatever way, so a directory left by a killed process opens without further ado.
/// </summary>
public sealed class DataDirectory : IDisposable
{
    /// <summary>Name of the directory in the working folder that is used when none is given.</summary>
    public const string DefaultName = ".orchestration";

    // The lock and the description of its holder are two files, since the lock on a file also keeps .NET from reading it.
    private const string LockName = "owner.lock";
    private const string OwnerName = "owner.json";

    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, Held> HeldHere = new(StringComparer.Ordinal);

    private bool _disposed;

    private DataDirectory(string path)
    {
        FullPath = path;
    }

    /// <summary>The directory, as an absolute path.</summary>
    public string FullPath { get; }

    /// <summary>Creates the directory when it is missing, and takes it for this process.</summary>
    /// <param name="path">The directory; a relative path is taken from the working folder.</param>
    /// <returns>The directory, this process's until disposed.</returns>
    /// <exception cref="DataDirectoryException">Another process holds it, it is no directory, or it cannot be written.</exception>
    public static DataDirectory Open(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        lock (Gate)
        {
            if (!HeldHere.TryGetValue(full, out var held))
            {
                Create(full);
                held = new Held(TakeLock(full));
                HeldHere.Add(full, held);
            }

            held.Count++;
            return new DataDirectory(full);
        }
    }

    /// <summary>Who holds a directory, or held it last. Takes no lock.</summary>
    /// <param name="path">The directory.</param>
    /// <returns>The owner; null when the directory has none on record.</returns>
    public static DataDirectoryOwner? ReadOwner(string path)
    {
        try
        {
            return DataDirectoryOwner.Parse(File.ReadAllBytes(Path.Combine(path, OwnerName)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The absolute path of a file in the directory.</summary>
    /// <param name="name">The file's name.</param>
    /// <returns>The path; the file need not exist.</returns>
    public string PathOf(string name) => Path.Combine(FullPath, name);

    /// <summary>Gives the directory back; the last one to do so lets other processes have it.</summary>
    public void Dispose()
    {
        lock (Gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            var held = HeldHere[FullPath];
            if (--held.Count > 0)
                return;
            HeldHere.Remove(FullPath);
            held.Lock.Dispose();
        }
    }

    private static void Create(string full)
    {
        if (File.Exists(full))
            throw new DataDirectoryException(full, $"The data directory '{full}' is a file. Use another --data-dir.");
        try
        {
            Directory.CreateDirectory(full);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException(full, $"The data directory '{full}' cannot be created: {e.Message} Use another --data-dir, or make its parent folder writable.", e);
        }
    }

    private static FileStream TakeLock(string full)
    {
        FileStream stream;
        try
        {
            stream = new FileStream(Path.Combine(full, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw NotWritable(full, e);
        }
        catch (IOException e) when (IsHeldByAnother(e))
        {
            throw HeldByAnother(full, e);
        }
        catch (IOException e)
        {
            throw NotWritable(full, e);
        }

        try
        {
            WriteOwner(full);
            return stream;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            stream.Dispose();
            throw NotWritable(full, e);
        }
    }

    private static void WriteOwner(string full)
    {
        var temporary = Path.Combine(full, OwnerName + ".new");
        File.WriteAllBytes(temporary, DataDirectoryOwner.Current().ToJson());
        File.Move(temporary, Path.Combine(full, OwnerName), overwrite: true);
    }

    // EWOULDBLOCK (11 on Linux, 35 on macOS) of flock(2), or ERROR_SHARING_VIOLATION (32) on Windows: how .NET reports a FileShare that another process denies.
    private static bool IsHeldByAnother(IOException e) =>
        OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) == 32 : e.HResult is 11 or 35;

    private static DataDirectoryException HeldByAnother(string full, IOException cause)
    {
        var owner = ReadOwner(full);
        var by = owner is null
            ? "another process"
            : string.Create(CultureInfo.InvariantCulture, $"process {owner.Pid} on {owner.Host} since {owner.Since.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");
        return new DataDirectoryException(full, $"The data directory '{full}' is in use by {by}. Stop that process, or use another --data-dir.", cause) { IsInUse = true };
    }

    private static DataDirectoryException NotWritable(string full, Exception cause) =>
        new(full, $"The data directory '{full}' cannot be written: {cause.Message} Make it writable, or use another --data-dir.", cause);

    private sealed class Held(FileStream file)
    {
        public FileStream Lock { get; } = file;

        public int Count { get; set; }
    }
}
