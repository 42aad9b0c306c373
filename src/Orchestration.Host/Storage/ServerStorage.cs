using Akka.Hosting;
using Orchestration.Core.Ports;
using Orchestration.Host.Remote;
using Orchestration.Host.Settings;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Storage;

/// <summary>The runs of a service, through its API.</summary>
internal sealed class ServerStorage : RunStorage
{
    private readonly Given _given;
    private readonly HostSettings _settings;

    /// <exception cref="CommandException">It is no URL, or there is no key for it.</exception>
    public ServerStorage(Given given, HostSettings settings)
    {
        (_given, _settings) = (given, settings);
        OwnerClient.Of(given, settings).Dispose();
    }

    public override string Name => _given.Value.TrimEnd('/');

    public override string CommandOptions => _given.Source == Commands.CommonOptions.Server.Name ? $"{_given.Source} {ShellText.Quote(_given.Value)}" : "";

    public override string OptionNames => Commands.CommonOptions.Server.Name;

    public override bool HasOneWorker => true;

    public override Task PrepareAsync(CancellationToken cancellation) => Task.CompletedTask;

    public override IRunHistory OpenHistory() => new ServerRunHistory(OwnerClient.Of(_given, _settings));

    public override async Task<IReadOnlyList<RunSummary>> ListRunsAsync(RunQuery query, RunPage page, CancellationToken cancellation)
    {
        using var history = new ServerRunHistory(OwnerClient.Of(_given, _settings));
        return await history.ListAsync(query, page, cancellation);
    }

    public override AkkaConfigurationBuilder Configure(AkkaConfigurationBuilder akka) => throw NotHere();

    public override IRunPruning OpenPruning(bool isReadOnly) => throw NotHere();

    public override IServiceDocuments OpenDocuments() => throw NotHere();

    public override ICatalog OpenCatalog() => throw NotHere();

    private CommandException NotHere() => CommandException.Usage(
        $"{_given.Source}: this works on the storage itself and not through a service. Run it where the storage is, with --data-dir or --database.");
}
