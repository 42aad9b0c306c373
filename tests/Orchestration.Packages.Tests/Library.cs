using System.Reflection;

namespace Orchestration.Packages.Tests;

/// <summary>The libraries that become packages, and where their sources are.</summary>
internal static class Library
{
    public static readonly string[] Names =
    [
        "Orchestration.Actors", "Orchestration.Core", "Orchestration.LocalWhisk", "Orchestration.ObjectStore", "Orchestration.OpenWhisk",
        "Orchestration.Persistence.MongoDb", "Orchestration.Persistence.Sqlite", "Orchestration.TestKit", "Orchestration.Workflows",
    ];

    public static string SourceTree { get; } = FindSourceTree();

    public static string Version { get; } = Load("Orchestration.Core").GetName().Version!.ToString(3);

    public static Assembly Load(string name) => Assembly.Load(new AssemblyName(name));

    private static string FindSourceTree()
    {
        for (var place = new DirectoryInfo(AppContext.BaseDirectory); place is not null; place = place.Parent)
            if (File.Exists(Path.Combine(place.FullName, "Orchestration.sln")))
                return place.FullName;
        throw new InvalidOperationException("There is no Orchestration.sln above the tests.");
    }
}
