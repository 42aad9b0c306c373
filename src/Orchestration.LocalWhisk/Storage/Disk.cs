namespace Orchestration.LocalWhisk.Storage;

/// <summary>Makes one kind of exception out of what a write can fail with.</summary>
internal static class Disk
{
    /// <exception cref="IOException">The disk is full, a file has become too large, or the folder is gone.</exception>
    public static void Write<TState>(TState state, Action<TState> write)
    {
        try
        {
            write(state);
        }
        catch (ArgumentOutOfRangeException e)
        {
            // .NET's name for a file that would exceed the limit of the process or of the file system.
            throw new IOException("a file would become larger than may be written.", e);
        }
    }
}
