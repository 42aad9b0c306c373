using Orchestration.LocalWhisk;

namespace Orchestration.OpenWhisk.Tests.Servers;

/// <summary>A local OpenWhisk for one test, with a folder that goes with it.</summary>
public abstract class OnLocalWhisk : IAsyncLifetime
{
    private LocalWhiskServer _server = null!;

    private protected string Folder { get; } = Directory.CreateTempSubdirectory("whisk-client-").FullName;

    private protected LocalWhiskServer Server => _server;

    private protected OpenWhiskOptions Options { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await LocalWhiskServer.StartAsync(new LocalWhiskOptions { DataDirectory = Path.Combine(Folder, "data"), Auth = LocalWhiskOptions.NewAuth() });
        Options = new OpenWhiskOptions { ApiHost = _server.BaseAddress, Auth = _server.Auth };
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}
