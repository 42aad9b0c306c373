using System.Net.Http.Headers;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Service;

/// <summary>A service in a folder, with what its tests need of it.</summary>
internal static class ServiceOfTest
{
    public static Task<HostProcess> StartAsync(string folder, params string[] options) => StartAsync(folder, new Dictionary<string, string>(), options);

    public static async Task<HostProcess> StartAsync(string folder, IReadOnlyDictionary<string, string> environment, params string[] options)
    {
        var service = HostProcess.Start(folder, environment, ["serve", .. options]);
        await service.WaitForLineAsync("Ctrl-C stops it");
        return service;
    }

    /// <summary>Where it says that it serves.</summary>
    public static async Task<Uri> AddressAsync(this HostProcess service) => new((await service.WaitForLineAsync("serving on"))["serving on ".Length..]);

    /// <summary>Makes a key.</summary>
    /// <returns>What its holder sends.</returns>
    public static async Task<string> AddKeyAsync(string folder, string name, string scope, params string[] options) =>
        (await HostProcess.RunAsync(folder, ["keys", "add", name, "--scope", scope, .. options])).MustExitWith(0).Output.Trim();

    public static HttpClient Connect(Uri address, string? key)
    {
        var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    public static async Task DeployAsync(string folder, string name, string source)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, $"{name}.py"), source);
        (await HostProcess.RunAsync(folder, "action", "deploy", $"{name}.py")).MustExitWith(0);
    }
}
