[assembly: AssemblyFixture(typeof(Orchestration.LocalWhisk.Tests.Support.SharedWhisk))]

namespace Orchestration.LocalWhisk.Tests.Support;

/// <summary>One server for all tests that need no settings of their own; they use names of their own.</summary>
public sealed class SharedWhisk : IAsyncLifetime
{
    public TestWhisk Whisk { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Whisk = await TestWhisk.StartAsync(options => options with { MaxProcesses = 64 });
        await Whisk.DeployAsync("echo", Sources.Echo);
        await Whisk.DeployAsync("sleep", Sources.Sleep, more: """ "limits":{"timeout":60000} """);
    }

    public ValueTask DisposeAsync() => Whisk.DisposeAsync();
}
