using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Orchestration.Host.Api.Batches;
using Orchestration.Host.Api.Objects;
using Orchestration.Host.Api.Runs;
using Orchestration.Host.Api.Workflows;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Service;

/// <summary>The API as its OpenAPI document describes it.</summary>
public sealed class WholeApiTests : Workplace
{
    [Fact]
    public async Task A_client_in_Python_uses_every_operation_and_gets_what_is_described()
    {
        await ServiceOfTest.DeployAsync(Folder, "double", "def main(args):\n    print('doubling', args['n'])\n    return {'n': args['n'] * 2}\n");
        await ServiceOfTest.DeployAsync(Folder, "slow", "import time\ndef main(args):\n    time.sleep(1)\n    return {}\n");
        await ServiceOfTest.DeployAsync(Folder, "missing-input", "def main(args):\n    return {'error': 'nothing to read'}\n");
        await ServiceOfTest.DeployAsync(Folder, "write", """
            from object_store import store
            from object_store.settings import from_environment

            @store.action
            def main(args):
                objects = store.ObjectStore(from_environment()[0], ["out"])
                with open("out/made.txt", "w") as made:
                    made.write("made")
                objects.put_sync(args["context"], "out", "made.txt")
                return {}
            """);
        var key = await ServiceOfTest.AddKeyAsync(Folder, "python", "run");
        await using var service = await ServiceOfTest.StartAsync(Folder, "--listen", "127.0.0.1:0", "--behind-proxy", "--rate-limit", "10000");
        var address = await service.AddressAsync();
        using var client = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(
            "python3", [Path.Combine(SourceTree, "tests", "Orchestration.Host.Tests", "Service", "whole_api.py"), address.AbsoluteUri.TrimEnd('/'), key])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (said, errors) = (client.StandardOutput.ReadToEndAsync(), client.StandardError.ReadToEndAsync());
        await client.WaitForExitAsync();
        Assert.True(client.ExitCode == 0, await errors);

        var outcome = JsonDocument.Parse(await said).RootElement;
        Assert.Equal(outcome.GetProperty("described").ToString(), outcome.GetProperty("called").ToString());
    }

    [Fact]
    public async Task Every_route_is_described_and_every_described_one_is_there()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore();
        await using var application = builder.Build();
        new RunRoutes(null!, null!).Map(application);
        new RunDataRoutes(null!, CancellationToken.None).Map(application);
        new HealRoutes(null!, null!).Map(application);
        new BatchRoutes(null!).Map(application);
        new WorkflowRoutes(null!).Map(application);
        new ObjectRoutes(null!).Map(application);
        var mapped = ((IEndpointRouteBuilder)application).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .SelectMany(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(m => $"{m} {e.RoutePattern.RawText!.TrimEnd('/').Replace("{**key}", "{key}", StringComparison.Ordinal)}"));
        using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(SourceTree, "src", "Orchestration.Host", "Api", "Description", "openapi.json")));
        var described = document.RootElement.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(m => $"{m.Name.ToUpperInvariant()} {p.Name}"));

        Assert.Equal(mapped.Order(), described.Where(d => d.Contains("/v1/", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task The_page_to_try_it_comes_from_the_service_alone()
    {
        await using var service = await ServiceOfTest.StartAsync(Folder);
        using var client = ServiceOfTest.Connect(await service.AddressAsync(), null);
        var page = await client.GetStringAsync("/docs");
        Assert.Contains("openapi.json", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
        Assert.Contains("\"openapi\"", await client.GetStringAsync("/openapi.json"), StringComparison.Ordinal);
    }
}
