using System.Collections.Immutable;
using Orchestration.Core.Identity;
using Orchestration.Crash.Tests.Rounds;
using Orchestration.Host.Tests.Support;
using Orchestration.LocalWhisk;
using Orchestration.OpenWhisk;

namespace Orchestration.Crash.Tests.Support;

/// <summary>The OpenWhisk that rounds run on.</summary>
internal interface IRoundPlatform
{
    /// <summary>Whether it lives on when the host is killed.</summary>
    bool Survives { get; }

    /// <summary>The settings by which the host finds it.</summary>
    IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>The records of a run whose host has ended.</summary>
    Task<ImmutableArray<Activation>> ReadActivationsAsync(RoundPlace place, OrchestrationId run, DateTimeOffset since);
}

/// <summary>The one inside the host, which dies with it.</summary>
internal sealed class EmbeddedPlatform : IRoundPlatform
{
    public bool Survives => false;

    public IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string> { ["Orchestration__OpenWhisk"] = "local" };

    public async Task<ImmutableArray<Activation>> ReadActivationsAsync(RoundPlace place, OrchestrationId run, DateTimeOffset since)
    {
        await using var server = await LocalWhiskServer.StartAsync(new LocalWhiskOptions { DataDirectory = Path.Combine(place.DataDirectory, "whisk"), Auth = LocalWhiskOptions.NewAuth() });
        using var records = new ActivationRecords(server.BaseAddress, server.Auth);
        return await records.ReadAsync(run, since);
    }
}

/// <summary>A local OpenWhisk in a process of its own (<c>dev</c>), with the workflow's actions.</summary>
internal sealed class SeparatePlatform : IRoundPlatform, IAsyncDisposable
{
    private readonly HostProcess _process;
    private readonly ActivationRecords _records;

    private SeparatePlatform(HostProcess process, Uri apiHost, string auth)
    {
        _process = process;
        _records = new ActivationRecords(apiHost, auth);
        Settings = new Dictionary<string, string> { ["Orchestration__OpenWhisk"] = apiHost.AbsoluteUri, ["Orchestration__Auth"] = auth };
    }

    public bool Survives => true;

    public IReadOnlyDictionary<string, string> Settings { get; }

    public static async Task<SeparatePlatform> StartAsync(string folder)
    {
        var auth = LocalWhiskOptions.NewAuth();
        var process = HostProcess.Start(folder, new Dictionary<string, string> { ["Orchestration__Auth"] = auth }, "dev", "--port", "0", "--data-dir", Path.Combine(folder, "dev"));
        try
        {
            var line = await process.WaitForLineAsync("listens on ");
            var apiHost = new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..]);
            using var deployer = new ActionDeployer(new OpenWhiskOptions { ApiHost = apiHost, Auth = auth });
            foreach (var action in (string[])["part", "total"])
                await deployer.DeployAsync(new ActionDeployment(action, Path.Combine(RoundPlace.WorkflowFolder, action + ".py")));
            return new SeparatePlatform(process, apiHost, auth);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public Task<ImmutableArray<Activation>> ReadActivationsAsync(RoundPlace place, OrchestrationId run, DateTimeOffset since) => _records.ReadAsync(run, since);

    public async ValueTask DisposeAsync()
    {
        _records.Dispose();
        _process.Signal("TERM");
        await _process.WaitAsync();
        await _process.DisposeAsync();
    }
}
