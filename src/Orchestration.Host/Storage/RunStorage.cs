using Akka.Hosting;
using Orchestration.Core.Ports;
using Orchestration.Host.Settings;

namespace Orchestration.Host.Storage;

/// <summary>Where runs are kept. The one place that knows which storage was chosen; everything else goes through it.</summary>
internal abstract class RunStorage
{
    /// <summary>The storage that the settings choose. Nothing is opened yet.</summary>
    public static RunStorage Of(HostSettings settings) => new SqliteStorage(settings.DataDirectory);

    /// <summary>What it is called in messages; never holds a credential.</summary>
    public abstract string Name { get; }

    /// <summary>The options by which another call of this program finds it, for commands that are printed; empty where none are needed.</summary>
    public abstract string CommandOptions { get; }

    /// <summary>Which options name another one, for messages.</summary>
    public abstract string OptionNames { get; }

    /// <summary>Whether it is in the data directory, which then belongs to one process at a time.</summary>
    public abstract bool IsInDataDirectory { get; }

    /// <summary>Opens what is stored to look at it, beside whichever process writes it.</summary>
    public abstract IRunHistory OpenHistory();

    /// <summary>Sets the plugins of an actor system that works on it.</summary>
    public abstract AkkaConfigurationBuilder Configure(AkkaConfigurationBuilder akka);

    /// <summary>Opens the catalog to write it; whoever gets it disposes it.</summary>
    public abstract ICatalog OpenCatalog();
}
