using System.Text.Json;

namespace Orchestration.Host.Tests.Support;

/// <summary>An empty folder for one test, with workflows written into it.</summary>
public abstract class Workplace : IAsyncLifetime
{
    protected string Folder { get; } = Directory.CreateTempSubdirectory("orchestration-host-").FullName;

    /// <summary>The top of the source tree.</summary>
    internal static string SourceTree { get; } = FindSourceTree();

    protected static string HelloWorkflow => Path.Combine(SourceTree, "samples", "hello", "workflow.yaml");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Writes a text file and gives its path.</summary>
    protected string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    internal Task<HostResult> RunAsync(params string[] arguments) => HostProcess.RunAsync(Folder, arguments);

    /// <summary>Runs the host with the database as a setting; null for the embedded one.</summary>
    internal Task<HostResult> RunOnAsync(string? database, params string[] arguments) => HostProcess.RunAsync(Folder, Environment(database), arguments);

    /// <summary>The settings for a database, with the catalog in it too: a real server of the tests may have one of its own.</summary>
    internal static IReadOnlyDictionary<string, string> Environment(string? database) => new Dictionary<string, string>(
        database is null ? [] : [new("Orchestration__Database", database), new("Orchestration__CatalogDatabase", CatalogOf(database))]);

    internal static string CatalogOf(string database) => database.Split('?')[0].Split('/')[^1] is { Length: > 0 } name && !name.Contains(':', StringComparison.Ordinal) && !name.Contains('.', StringComparison.Ordinal) ? name : "test";

    internal static JsonElement Action(JsonElement report, string step, int index = 0) =>
        report.GetProperty("actions").EnumerateArray().Single(a => a.GetProperty("step").GetString() == step && a.GetProperty("index").GetInt32() == index);

    internal static List<JsonElement> Attempts(JsonElement action) => [.. action.GetProperty("attempts").EnumerateArray()];

    private static string FindSourceTree()
    {
        for (var place = new DirectoryInfo(AppContext.BaseDirectory); place is not null; place = place.Parent)
            if (File.Exists(Path.Combine(place.FullName, "Orchestration.sln")))
                return place.FullName;
        throw new InvalidOperationException($"There is no Orchestration.sln above {AppContext.BaseDirectory}.");
    }
}
