using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Orchestration.Host.Tests.Support;
using Orchestration.LocalWhisk;

namespace Orchestration.Host.Tests.Commands;

public sealed class DevTests : Workplace
{
    [Fact]
    public async Task Dev_serves_the_guest_namespace_until_it_is_interrupted()
    {
        await using var host = HostProcess.Start(Folder, "dev", "--port", "0", "--allow-origin", "http://localhost:8080");
        var url = (await host.WaitForLineAsync("listens on")).Split(' ')[^1];
        await host.WaitForLineAsync(LocalWhiskOptions.GuestAuth);

        using var client = new HttpClient { BaseAddress = new Uri(url) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(LocalWhiskOptions.GuestAuth)));
        Assert.Equal("[\"guest\"]", await client.GetStringAsync("/api/v1/namespaces"));
        client.DefaultRequestHeaders.Add("Origin", "http://localhost:8080");
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/namespaces/_/actions")).StatusCode);

        host.Signal("TERM");
        (await host.WaitAsync()).MustExitWith(0);
    }
}
