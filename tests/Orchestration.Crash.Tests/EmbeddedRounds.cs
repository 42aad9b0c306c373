using Orchestration.Crash.Tests.Rounds;
using Orchestration.Crash.Tests.Support;

namespace Orchestration.Crash.Tests;

/// <summary>The embedded storage and the OpenWhisk inside the host, which dies with it.</summary>
public sealed class EmbeddedRounds
{
    [Fact]
    public Task A_host_that_is_killed_with_its_OpenWhisk_loses_nothing_and_repeats_only_what_was_interrupted() =>
        RoundSeries.RunAsync("embedded", rounds: 3, full: 10, new EmbeddedPlatform());
}
