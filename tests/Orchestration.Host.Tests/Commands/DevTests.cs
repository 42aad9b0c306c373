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
        await using var host = HostProcess.Start(Folder, "dev", "--port", "0", "--allow-origin", "http://localhost:8080", "--fault", "drop-record=0.5");
        var url = (await host.WaitForLineAsync("listens on")).Split(' ')[^1];
        await host.WaitForLineAsync(LocalWhiskOptions.GuestAuth);
        await host.WaitForLineAsync("Goes wrong on purpose: drop-record=0.5");

        using var client = new HttpClient { BaseAddress = new Uri(url) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(LocalWhiskOptions.GuestAuth)));
        Assert.Equal("""[{"fault":"drop-record=0.5","times":0}]""", await client.GetStringAsync("/local/faults"));
        Assert.Equal("[\"guest\"]", await client.GetStringAsync("/api/v1/namespaces"));
        client.DefaultRequestHeaders.Add("Origin", "http://localhost:8080");
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/namespaces/_/actions")).StatusCode);

        host.Signal("TERM");
        (await host.WaitAsync()).MustExitWith(0);
    }

    [Fact]
    public async Task A_wrong_fault_is_refused_with_the_kinds_there_are()
    {
        await using var host = HostProcess.Start(Folder, "dev", "--port", "0", "--fault", "lose=5");
        var outcome = await host.WaitAsync();
        outcome.MustExitWith(2);
        Assert.Contains("'lose' is no kind of fault. Use one of drop-record,", outcome.Errors, StringComparison.Ordinal);
    }
}
