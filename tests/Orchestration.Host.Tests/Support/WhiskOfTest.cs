using System.Net.Http.Headers;
using System.Text;
using Orchestration.Host.Running;
using Orchestration.LocalWhisk;
using Orchestration.OpenWhisk;

namespace Orchestration.Host.Tests.Support;

/// <summary>A local OpenWhisk inside the test, which a host process uses as one that runs elsewhere.</summary>
internal static class WhiskOfTest
{
    /// <summary>Starts it.</summary>
    /// <param name="folder">Where its data is kept.</param>
    /// <param name="objects">The folder that its actions keep their objects in; null for none.</param>
    public static async Task<LocalWhiskServer> StartAsync(string folder, string? objects = null) => await LocalWhiskServer.StartAsync(new LocalWhiskOptions
    {
        DataDirectory = Path.Combine(folder, "whisk-of-test"),
        Auth = LocalWhiskOptions.NewAuth(),
        PythonPath = ProjectFiles.PythonPackages is { } packages ? [packages] : [],
        ActionEnvironment = objects is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["STORAGE_ENDPOINT"] = $"file:{objects}" },
    });

    public static string Url(this LocalWhiskServer server) => server.BaseAddress.AbsoluteUri.TrimEnd('/');

    public static async Task DeployAsync(this LocalWhiskServer server, string name, string file)
    {
        using var deployer = new ActionDeployer(new OpenWhiskOptions { ApiHost = server.BaseAddress, Auth = server.Auth });
        await deployer.DeployAsync(new ActionDeployment(name, file));
    }

    public static async Task DeleteAsync(this LocalWhiskServer server, string name)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(server.Auth)));
        using var answer = await client.DeleteAsync(new Uri(server.BaseAddress, $"/api/v1/namespaces/_/actions/{name}"));
        answer.EnsureSuccessStatusCode();
    }
}
