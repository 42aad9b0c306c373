namespace Orchestration.Host.Storage;

/// <summary>Files that only their user can read. Whoever reads one sees all of it or an older one.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OnlyMine = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes a file in place of the one that is there.</summary>
    /// <param name="path">Which file.</param>
    /// <param name="write">Writes its content.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var temporary = $"{path}.{Environment.ProcessId}";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OnlyMine;
        using (var stream = new FileStream(temporary, options))
        {
            write(stream);
            stream.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
    }
}
