namespace Orchestration.Persistence.Sqlite.Tests.Support;

/// <summary>A directory that this user cannot create files in. Permissions don't bind root, so for root it is one of the kernel's.</summary>
internal sealed class ReadOnlyDirectory : IDisposable
{
    private readonly TemporaryDirectory? _own;

    public ReadOnlyDirectory()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            FullPath = "/proc/self/net";
            return;
        }

        _own = new TemporaryDirectory();
        FullPath = _own.FullPath;
        File.SetUnixFileMode(FullPath, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    public string FullPath { get; }

    public void Dispose()
    {
        if (_own is null || OperatingSystem.IsWindows())
            return;
        File.SetUnixFileMode(FullPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _own.Dispose();
    }
}
