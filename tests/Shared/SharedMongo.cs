using Orchestration.Tests.Services;

[assembly: AssemblyFixture(typeof(SharedMongo))]

namespace Orchestration.Tests.Services;

/// <summary>The server that the tests of this assembly share; each test has a database of its own.</summary>
public sealed class SharedMongo : IAsyncLifetime
{
    public MongoServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await MongoServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
