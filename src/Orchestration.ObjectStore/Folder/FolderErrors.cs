using Orchestration.Core.Ports;

namespace Orchestration.ObjectStore.Folder;

/// <summary>From what the file system throws to what an S3 server would say.</summary>
internal static class FolderErrors
{
    // .NET hands these on as the HResult of its IOException on Unix (errno) and Windows (ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL).
    private const int NoSpaceLeft = 28;
    private const int QuotaExceeded = 122;
    private const int ReadOnlyFileSystem = 30;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    public static ObjectStoreException Translate(string location, string name, string? conflict, Exception problem) => problem switch
    {
        PathTooLongException => new("KeyTooLongError", $"'{name}' is too long a name for {location}: a part of it may have 255 bytes. Choose a shorter one.", problem),
        _ when problem.HResult is NoSpaceLeft or QuotaExceeded or WindowsDiskFull or WindowsHandleDiskFull =>
            new("StorageFull", $"{location} is full: '{name}' could not be written. Free space, or choose another place with --object-store.", problem),
        _ when conflict is not null =>
            new("InvalidRequest", $"'{name}' cannot be in {location} beside '{conflict}': a folder cannot hold an object and others below its name. Rename one.", problem),
        _ when problem is UnauthorizedAccessException || problem.HResult == ReadOnlyFileSystem =>
            new("AccessDenied", $"{location} does not allow access to '{name}' ({problem.Message}). Give the folder's permissions to this user, or choose another place with --object-store.", problem),
        _ => new("InternalError", $"{location} failed on '{name}': {problem.Message}", problem),
    };
}
