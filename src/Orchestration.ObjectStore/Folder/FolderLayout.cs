using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;

namespace Orchestration.ObjectStore.Folder;

/// <summary>From names to paths and back; refuses names that would leave the folder.</summary>
internal sealed class FolderLayout(string root)
{
    private const int LongestName = 255;

    public string Root { get; } = root;

    public string Temporary => Path.Combine(Root, ".tmp");

    public string Fencing => Path.Combine(Root, ".fencing");

    public string BucketPath(string bucket) =>
        bucket.Length is > 0 and <= LongestName && bucket[0] != '.' && bucket.IndexOfAny(['/', '\\', '\0']) < 0
            ? Path.Combine(Root, bucket)
            : throw new ObjectStoreException("InvalidBucketName", $"'{bucket}' cannot be a bucket: it must be one folder name that does not begin with a dot.");

    public string ObjectPath(ObjectKey key)
    {
        var bucket = BucketPath(key.Bucket);
        var parts = key.Key.Split('/');
        if (parts.Any(p => p is "" or "." or "..") || key.Key.IndexOfAny(['\\', '\0']) >= 0)
            throw new ObjectStoreException("InvalidObjectName",
                $"'{key}' cannot be an object of a folder: its key must be a relative path without empty, '.' or '..' parts and without backslashes.");
        return Path.Combine([bucket, .. parts]);
    }

    /// <summary>The object of a shorter name that is in a name's way, or null.</summary>
    public string? ConflictOf(string name)
    {
        var parts = name.Split('/');
        for (var length = 2; length < parts.Length; length++)
        {
            var shorter = string.Join('/', parts[..length]);
            if (File.Exists(Path.Combine(Root, shorter)))
                return shorter;
        }
        return Directory.Exists(Path.Combine(Root, name)) && parts.Length > 1 ? name + "/" : null;
    }

    /// <summary>Whether a path cannot be a file because it is a folder or goes through a file.</summary>
    public static bool LeadsNowhere(string path)
    {
        if (Directory.Exists(path))
            return true;
        for (var above = Path.GetDirectoryName(path); above is not null && !Directory.Exists(above); above = Path.GetDirectoryName(above))
            if (File.Exists(above))
                return true;
        return false;
    }

    public static ObjectInfo Info(ObjectKey key, SafeFileHandle file) => Info(key, RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file));

    public static ObjectInfo? Info(ObjectKey key, FileInfo file) => file.Exists ? Info(key, file.Length, file.LastWriteTimeUtc) : null;

    /// <summary>The keys of a bucket in their order.</summary>
    public static IReadOnlyList<string> Keys(string bucket, string prefix, CancellationToken cancellation)
    {
        var keys = new List<string>();
        if (!Directory.Exists(bucket))
            return keys;
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false };
        // The prefix may end within a name, so only its whole folders narrow the search down.
        var start = Path.Combine([bucket, .. prefix.Split('/')[..^1]]);
        if (prefix.Split('/')[..^1].Any(p => p is "" or "." or "..") || !Directory.Exists(start))
            return keys;
        foreach (var path in Directory.EnumerateFiles(start, "*", options))
        {
            cancellation.ThrowIfCancellationRequested();
            var key = Path.GetRelativePath(bucket, path).Replace(Path.DirectorySeparatorChar, '/');
            if (key.StartsWith(prefix, StringComparison.Ordinal))
                keys.Add(key);
        }
        keys.Sort(string.CompareOrdinal);
        return keys;
    }

    private static ObjectInfo Info(ObjectKey key, long size, DateTime written)
    {
        // .NET sees a file's time in steps of 100 ns; the Python package rounds down to the same.
        var nanoseconds = (written - DateTime.UnixEpoch).Ticks * 100;
        return new ObjectInfo(key, size, string.Create(CultureInfo.InvariantCulture, $"{size:x}-{nanoseconds:x}"), new DateTimeOffset(written, TimeSpan.Zero));
    }
}
