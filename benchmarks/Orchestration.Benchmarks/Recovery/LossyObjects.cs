using Orchestration.Actors.Client;
using Orchestration.Core.Actions;
using Orchestration.Core.Json;
using Orchestration.ObjectStore;

namespace Orchestration.Benchmarks.Recovery;

/// <summary>Objects in a folder that goes with it, made by actions of the stand-in server, and lost by deleting their files.</summary>
internal sealed class LossyObjects : IDisposable
{
    private const string Bucket = "b";

    private readonly bool _ownsFolder;

    /// <summary>Makes the folder, or takes one that is there and stays.</summary>
    /// <param name="folder">The folder; null for one of its own.</param>
    public LossyObjects(string? folder = null)
    {
        _ownsFolder = folder is null;
        Folder = folder ?? Directory.CreateTempSubdirectory("orchestration-objects-").FullName;
        Directory.CreateDirectory(Path.Combine(Folder, Bucket));
        Store = new FolderObjectStore(Folder);
    }

    public string Folder { get; }

    public FolderObjectStore Store { get; }

    public static string Name(string name) => $"{Bucket}/{name}";

    /// <summary>An action that reads and writes objects.</summary>
    public ActionSpec Make(IEnumerable<string> reads, params IEnumerable<string> writes) => new("make", JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("store", Folder);
        foreach (var (name, keys) in new[] { ("in", reads), ("out", writes) })
        {
            writer.WriteStartArray(name);
            foreach (var key in keys)
                writer.WriteStringValue(key);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }));

    public void Lose(IEnumerable<string> keys)
    {
        foreach (var key in keys)
            File.Delete(Path.Combine(Folder, key));
    }

    /// <summary>Runs actions of one batch, all of which must succeed.</summary>
    public static async Task RunAsync(OrchestrationHandle run, params IEnumerable<ActionSpec> actions)
    {
        foreach (var result in await run.MakeActionsAsync(actions))
            if (!result.Success)
                throw new InvalidOperationException($"An action failed: {result.Failure!.Message}");
    }

    /// <summary>Runs a chain, each action reading what the one before wrote.</summary>
    /// <returns>The objects in their order.</returns>
    public async Task<IReadOnlyList<string>> RunChainAsync(OrchestrationHandle run, int length)
    {
        var names = Enumerable.Range(0, length).Select(i => Name($"link{i}")).ToList();
        for (var i = 0; i < length; i++)
            await RunAsync(run, Make(i == 0 ? [] : [names[i - 1]], names[i]));
        return names;
    }

    public void Dispose()
    {
        if (_ownsFolder)
            Directory.Delete(Folder, recursive: true);
    }
}
