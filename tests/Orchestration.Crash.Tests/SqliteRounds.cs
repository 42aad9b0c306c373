using Orchestration.Crash.Tests.Rounds;
using Orchestration.Crash.Tests.Support;

namespace Orchestration.Crash.Tests;

/// <summary>The embedded storage, with an OpenWhisk that lives on when the host is killed.</summary>
public sealed class SqliteRounds
{
    [Fact]
    public async Task A_killed_host_loses_nothing_and_repeats_only_what_was_interrupted()
    {
        var folder = Directory.CreateTempSubdirectory("orchestration-crash-dev-").FullName;
        await using (var platform = await SeparatePlatform.StartAsync(folder))
            await RoundSeries.RunAsync("sqlite", rounds: 10, full: 50, platform);
        Directory.Delete(folder, recursive: true);
    }
}
