using Orchestration.Host.Settings;
using Orchestration.Host.Storage;

namespace Orchestration.Crash.Tests.Support;

/// <summary>Where a round keeps its run: the embedded storage in its folder, or a database.</summary>
internal sealed class RoundPlace
{
    private readonly HostSettings _settings;

    private readonly string[] _options;

    /// <summary>Names a place.</summary>
    /// <param name="folder">The working folder of its processes.</param>
    /// <param name="database">A connection string; null for the embedded storage.</param>
    public RoundPlace(string folder, string? database = null)
    {
        Folder = folder;
        DataDirectory = Path.Combine(folder, "data");
        _settings = new HostSettings { DataDirectory = DataDirectory, Database = database is null ? null : new Given(database, "the round") };
        _options = database is null ? [] : ["--database", database];
    }

    public static string WorkflowFolder { get; } = Path.Combine(AppContext.BaseDirectory, "Workflow");

    /// <summary>The working folder of its processes.</summary>
    public string Folder { get; }

    public string DataDirectory { get; }

    /// <summary>The options by which every process finds the storage.</summary>
    public string[] Options => ["--data-dir", DataDirectory, .. _options];

    /// <summary>Opens what is stored, beside the process that writes it.</summary>
    public IRunHistory OpenHistory() => RunStorage.Of(_settings).OpenHistory();
}
