using Orchestration.Host.Settings;
using Orchestration.Host.Storage;

namespace Orchestration.Crash.Tests.Support;

/// <summary>Where a round keeps its run. Other storages than the embedded one add how the host finds them.</summary>
internal sealed class RoundPlace
{
    private readonly HostSettings _settings;

    public RoundPlace(string folder)
    {
        Folder = folder;
        DataDirectory = Path.Combine(folder, "data");
        _settings = new HostSettings { DataDirectory = DataDirectory };
    }

    public static string WorkflowFolder { get; } = Path.Combine(AppContext.BaseDirectory, "Workflow");

    /// <summary>The working folder of its processes.</summary>
    public string Folder { get; }

    public string DataDirectory { get; }

    /// <summary>The options by which every process finds the storage.</summary>
    public string[] Options => ["--data-dir", DataDirectory];

    /// <summary>Opens what is stored, beside the process that writes it.</summary>
    public IRunHistory OpenHistory() => RunStorage.Of(_settings).OpenHistory();
}
