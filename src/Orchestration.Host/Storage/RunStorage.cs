using Akka.Hosting;
using Orchestration.Core.Ports;
using Orchestration.Host.Settings;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;
using Orchestration.Persistence.MongoDb;
using Orchestration.Persistence.Sqlite;

namespace Orchestration.Host.Storage;

/// <summary>Where runs are kept. The one place that knows which storage was chosen; everything else goes through it.</summary>
internal abstract class RunStorage
{
    /// <summary>The storage that the settings choose. Nothing is opened yet.</summary>
    /// <exception cref="CommandException">They name none.</exception>
    public static RunStorage Of(HostSettings settings) => settings.Server is { } server ? new ServerStorage(server, settings) : settings.Database switch
    {
        null or { Value: SqliteStorage.DatabaseName } => new SqliteStorage(settings.DataDirectory),
        { } given when MongoDbStorage.Accepts(given.Value) => new MongoDbStorage(given, settings),
        { } other => throw CommandException.Usage(
            $"{other.Source}: '{MongoConnection.Redact(other.Value)}' names no database. Give {SqliteStorage.DatabaseName} for files in the data directory, or mongodb://HOST[:PORT][/DATABASE]."),
    };

    /// <summary>What it is called in messages; never holds a credential.</summary>
    public abstract string Name { get; }

    /// <summary>The options by which another call of this program finds it, for commands that are printed; empty where none are needed.</summary>
    public abstract string CommandOptions { get; }

    /// <summary>Which options name another one, for messages.</summary>
    public abstract string OptionNames { get; }

    /// <summary>Whether one process at a time works on all of it, as on a data directory: others ask that one.</summary>
    public abstract bool HasOneWorker { get; }

    /// <summary>Looks whether it can be used and gets it ready, before anything is started on it.</summary>
    /// <param name="cancellation">Gives up.</param>
    public abstract Task PrepareAsync(CancellationToken cancellation);

    /// <summary>Opens what is stored to look at it, beside whichever process writes it.</summary>
    public abstract IRunHistory OpenHistory();

    /// <summary>Lists runs, newest first.</summary>
    /// <param name="query">Which ones.</param>
    /// <param name="page">Which part of them.</param>
    /// <param name="cancellation">Gives up.</param>
    public virtual Task<IReadOnlyList<RunSummary>> ListRunsAsync(RunQuery query, RunPage page, CancellationToken cancellation) => RunList.ReadAsync(this, query, page, cancellation);

    /// <summary>Sets the plugins of an actor system that works on it.</summary>
    public abstract AkkaConfigurationBuilder Configure(AkkaConfigurationBuilder akka);

    /// <summary>Opens the record of which process works on which run; null where the storage belongs to one process at a time.</summary>
    public virtual ILeaseStore? OpenLeases() => null;

    /// <summary>Opens what is stored to remove runs from it, or only to look what could be removed.</summary>
    /// <param name="isReadOnly">Whether nothing is to be removed.</param>
    /// <exception cref="DataDirectoryException">Another process has the storage for itself.</exception>
    public abstract IRunPruning OpenPruning(bool isReadOnly);

    /// <summary>Opens the catalog to write it; whoever gets it disposes it.</summary>
    public abstract ICatalog OpenCatalog();

    /// <summary>Opens what a service keeps beside its runs.</summary>
    public abstract IServiceDocuments OpenDocuments();

    /// <summary>The option that names a data directory again; empty for the one that is used anyway.</summary>
    protected static string DataDirectoryOption(string dataDirectory) =>
        dataDirectory == Path.Combine(Directory.GetCurrentDirectory(), DataDirectory.DefaultName) ? "" : $"--data-dir {ShellText.Quote(dataDirectory)}";
}
