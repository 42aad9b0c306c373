using Akka.Actor;
using Akka.Configuration;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Serialization;
using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Recovery;
using Orchestration.Core.SharedObjects;
using Orchestration.Core.State;

namespace Orchestration.Actors.Tests;

public sealed class SerializationSpecs : IDisposable
{
    private static readonly OrchestrationId Id = OrchestrationId.Parse("6745a1b2c3d4e5f601234567");
    private readonly ActorSystem _system = ActorSystem.Create("serialization", OrchestrationHostingExtensions.DefaultConfig());

    public static TheoryData<object> Stored() =>
    [
        new Commit([new BatchEnded(DateTimeOffset.UnixEpoch, 3), new OrchestrationCompleted(DateTimeOffset.UnixEpoch, JsonBytes.Parse("[1]"))]),
        new WriteCommit([new WriteFact.Left(DateTimeOffset.UnixEpoch, new WriteTicket(Id, new AttemptRef(1, 2, 3)))]),
        new CheckpointHead(3, 12345),
        new RerunChange([new RerunTurn(ActionId.Parse("6745a1b2c3d4e5f6012345aa"), Id), new RerunTurn(ActionId.Parse("6745a1b2c3d4e5f6012345ab"), null)]),
        new RerunTurns(new RerunChange([new RerunTurn(ActionId.Parse("6745a1b2c3d4e5f6012345aa"), Id)])),
        new IndexChange.Added(Id),
        new IndexChange.Slept(Id, DateTimeOffset.MaxValue),
        new IndexChange.Quarantined(Id, "why"),
        new IndexChange.Released(Id),
        new IndexChange.Removed(Id),
    ];

    [Theory]
    [MemberData(nameof(Stored), DisableDiscoveryEnumeration = true)]
    public void Everything_that_is_stored_has_this_serializer_and_comes_back(object stored)
    {
        var serializer = Assert.IsType<OrchestrationSerializer>(_system.Serialization.FindSerializerFor(stored));
        Assert.Equal(stored, serializer.FromBinary(serializer.ToBinary(stored), serializer.Manifest(stored)));
    }

    [Fact]
    public void Pieces_and_the_index_come_back()
    {
        var serializer = (OrchestrationSerializer)_system.Serialization.FindSerializerFor(new CheckpointPiece(1, [1, 2]));
        var piece = (CheckpointPiece)serializer.FromBinary(serializer.ToBinary(new CheckpointPiece(7, [1, 2, 3])), serializer.Manifest(new CheckpointPiece(7, [])));
        Assert.Equal((7, "1,2,3"), (piece.Index, string.Join(',', piece.Json)));

        var state = IndexState.Empty.Apply(new IndexChange.Added(Id)).Apply(new IndexChange.Slept(Id, DateTimeOffset.UnixEpoch));
        var read = (IndexState)serializer.FromBinary(serializer.ToBinary(state), serializer.Manifest(state));
        Assert.Equal(state.Entries, read.Entries);
        Assert.IsType<OrchestrationSerializer>(_system.Serialization.FindSerializerFor(state));
    }

    [Fact]
    public void What_a_newer_version_wrote_is_refused_with_a_message()
    {
        var serializer = (OrchestrationSerializer)_system.Serialization.FindSerializerFor(IndexState.Empty);
        var refused = Assert.Throws<FormatException>(() => serializer.FromBinary("{}"u8.ToArray(), "commit.v9"));
        Assert.Contains("commit.v9", refused.Message, StringComparison.Ordinal);
        Assert.Contains("upgrade", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_wins_over_the_applications_settings_and_those_over_the_defaults()
    {
        var application = ConfigurationFactory.ParseString("orchestration { pool-size = 7, max-in-flight = 8 }").WithFallback(OrchestrationHostingExtensions.DefaultConfig());
        var settings = OrchestrationSettings.From(application, new OrchestrationOptions { MaxInFlight = 9 });
        Assert.Equal((7, 9, 10_000), (settings.PoolSize, settings.MaxInFlight, settings.MaxWaiting));

        var wrong = ConfigurationFactory.ParseString("orchestration.pool-size = 0").WithFallback(OrchestrationHostingExtensions.DefaultConfig());
        Assert.Contains("pool-size is 0", Assert.Throws<ConfigurationException>(() => OrchestrationSettings.From(wrong, new OrchestrationOptions())).Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _system.Terminate().Wait(TimeSpan.FromSeconds(10));
        _system.Dispose();
    }
}
