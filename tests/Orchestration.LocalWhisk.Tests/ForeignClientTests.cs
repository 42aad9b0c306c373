using System.Diagnostics;
using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests;

/// <summary>Clients that are not ours: the npm packages <c>openwhisk</c> and <c>openwhisk-composer</c>.</summary>
public sealed class ForeignClientTests
{
    private static readonly string Clients = Path.Combine(Repository.Root, "tests", "services", "openwhisk-clients");

    [Fact]
    public async Task Actions_records_packages_sequences_and_compositions_are_what_the_npm_clients_expect()
    {
        var modules = Path.Combine(Clients, "node_modules");
        Assert.True(Directory.Exists(modules), $"The packages in {Clients} are not installed: ./test does it, or run npm ci there.");
        await using var whisk = await TestWhisk.StartAsync(o => o with { NodePath = [modules] });
        var start = new ProcessStartInfo("node", [Path.Combine(Clients, "clients.js"), whisk.Server.BaseAddress.AbsoluteUri.TrimEnd('/'), whisk.Server.Auth])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var node = Process.Start(start)!;
        var (output, error) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, await error);
        Assert.Equal(
            """
            {"actions":{"version":"0.0.2","blocking":3,"awaited":7,"logged":["n is 5"],"listed":true,"deleted":"npm-inc","missing":404},
            "failures":{"status":502,"said":"boom"},
            "packages":{"actions":["inc"],"listed":["npm-bound","npm-tools"],"result":11,"bound":101},
            "sequences":{"result":21,"components":2},
            "compositions":{"result":{"caught":"boom"},"conducted":true,"ran":true}}
            """.ReplaceLineEndings(""),
            (await output).Trim());
    }
}
