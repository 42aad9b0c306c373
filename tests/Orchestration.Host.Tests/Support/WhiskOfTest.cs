using Orchestration.LocalWhisk;
using Orchestration.OpenWhisk;

namespace Orchestration.Host.Tests.Support;

/// <summary>A local OpenWhisk inside the test, which a host process uses as one that runs elsewhere.</summary>
internal static class WhiskOfTest
{
    public static async Task<LocalWhiskServer> StartAsync(string folder) =>
        await LocalWhiskServer.StartAsync(new LocalWhiskOptions { DataDirectory = Path.Combine(folder, "whisk-of-test"), Auth = LocalWhiskOptions.NewAuth() });

    public static string Url(this LocalWhiskServer server) => server.BaseAddress.AbsoluteUri.TrimEnd('/');

    public static async Task DeployAsync(this LocalWhiskServer server, string name, string file)
    {
        using var deployer = new ActionDeployer(new OpenWhiskOptions { ApiHost = server.BaseAddress, Auth = server.Auth });
        await deployer.DeployAsync(new ActionDeployment(name, file));
    }
}
