using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.TestKit.Xunit;
using Orchestration.Persistence.Sqlite.Tests.Support;

namespace Orchestration.Persistence.Sqlite.Tests.Processes;

/// <summary>What was acknowledged is there, however the process ended.</summary>
public sealed class KilledProcessTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task After_a_kill_everything_acknowledged_is_there()
    {
        long acknowledged = 0;
        for (var round = 0; round < 2; round++)
        {
            using var child = Child.Start("write", _directory.FullPath, "p", "500");
            for (var i = 0; i < 300; i++)
                acknowledged = Number(await child.ReadLineAsync());
            await child.KillAsync();
            while (await child.ReadLineAsync() is { Length: > 0 } line && long.TryParse(line, CultureInfo.InvariantCulture, out var late))
                acknowledged = late;
        }

        Assert.True(acknowledged >= 600);
        await HasAllUpToAsync(acknowledged, bytes: 500);
    }

    [Fact]
    public async Task When_the_disk_fails_the_write_fails_with_the_reason_and_nothing_acknowledged_is_lost()
    {
        using var child = Child.StartWithFileLimit(2048, "write", _directory.FullPath, "p", "20000");
        long acknowledged = 0;
        var line = await child.ReadLineAsync();
        for (; line is not null && char.IsAsciiDigit(line[0]); line = await child.ReadLineAsync())
            acknowledged = Number(line);
        Assert.StartsWith($"failed: '{_directory.PathOf("journal.db")}' ", line, StringComparison.Ordinal);
        Assert.EndsWith("what was acknowledged before is stored.", line, StringComparison.Ordinal);
        Assert.Equal(3, await child.ExitCodeAsync());
        Assert.True(acknowledged > 10);
        await HasAllUpToAsync(acknowledged, bytes: 20000);
    }

    private static long Number(string? line) => long.Parse(line!, CultureInfo.InvariantCulture);

    private async Task HasAllUpToAsync(long acknowledged, int bytes)
    {
        var config = ConfigurationFactory.ParseString("akka { loggers = [], loglevel = OFF, stdout-loglevel = OFF }");
        var system = ActorSystem.Create("after", config.WithFallback(Configurations.For(_directory.FullPath)).WithFallback(TestKit.DefaultConfig));
        try
        {
            var probe = new TestKit(system).CreateTestProbe();
            Akka.Persistence.Persistence.Instance.Apply(system).JournalFor(null).Tell(new ReplayMessages(1, long.MaxValue, long.MaxValue, "p", probe.Ref));
            for (var i = 1; i <= acknowledged; i++)
            {
                var replayed = await probe.ExpectMsgAsync<ReplayedMessage>(TimeSpan.FromSeconds(20));
                Assert.Equal(i, replayed.Persistent.SequenceNr);
                Assert.Equal(bytes, ((byte[])replayed.Persistent.Payload).Length);
            }
        }
        finally
        {
            await system.Terminate();
        }
    }
}
