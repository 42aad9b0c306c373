using Akka.Configuration;
using Orchestration.Persistence.Contract;
using Orchestration.Persistence.Sqlite.Tests.Support;

namespace Orchestration.Persistence.Sqlite.Tests.Journals;

public sealed class SqliteJournalContractTests : JournalContract
{
    private readonly TemporaryDirectory _directory = new();

    protected override Config Plugins => Configurations.For(_directory.FullPath);

    protected override ValueTask CleanUpAsync()
    {
        _directory.Dispose();
        return base.CleanUpAsync();
    }
}

public sealed class SqliteJournalActorContractTests : JournalActorContract
{
    private readonly TemporaryDirectory _directory = new();

    protected override Config Plugins => Configurations.For(_directory.FullPath);

    protected override ValueTask CleanUpAsync()
    {
        _directory.Dispose();
        return base.CleanUpAsync();
    }
}

public sealed class SqliteSnapshotStoreContractTests : SnapshotStoreContract
{
    private readonly TemporaryDirectory _directory = new();

    protected override Config Plugins => Configurations.For(_directory.FullPath);

    protected override ValueTask CleanUpAsync()
    {
        _directory.Dispose();
        return base.CleanUpAsync();
    }
}
