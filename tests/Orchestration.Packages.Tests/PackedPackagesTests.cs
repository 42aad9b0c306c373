using System.Diagnostics;
using System.IO.Compression;
using System.Xml.Linq;

namespace Orchestration.Packages.Tests;

/// <summary>The packages as another project gets them: packed, restored into a project that knows nothing of this one, built and run.</summary>
public sealed class PackedPackagesTests : IAsyncLifetime, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orchestration-packages-").FullName;

    private string Packages => Path.Combine(_folder, "packages");

    public async ValueTask InitializeAsync() =>
        await DotNetAsync(Library.SourceTree, "pack", "Orchestration.sln", "-c", Configuration, "--no-build", "-o", Packages);

    [Fact]
    public async Task They_have_what_a_user_looks_for_and_run_in_projects_of_their_own()
    {
        Assert.Equal(Library.Names, Directory.EnumerateFiles(Packages).Select(p => Path.GetFileName(p).Replace($".{Library.Version}.nupkg", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        foreach (var name in Library.Names)
            Look(name);

        Assert.Equal("completed: [2,4,6]\n", await RunAsync("hello", Library.Names, ("Program.cs", Hello)));

        var said = await RunAsync("embedding", ["Orchestration.Actors", "Orchestration.LocalWhisk", "Orchestration.OpenWhisk", "Orchestration.Persistence.Sqlite"], Sample("embedding"));
        var written = await File.ReadAllTextAsync(Path.Combine(Library.SourceTree, "samples", "embedding", "README.md"));
        Assert.Contains(said[..said.LastIndexOf('\n', said.Length - 2)], written, StringComparison.Ordinal);
        Assert.EndsWith(": Completed\n", said, StringComparison.Ordinal);

        said = await RunAsync("http-functions", ["Orchestration.Actors", "Orchestration.Persistence.Sqlite", "Orchestration.Workflows"], Sample("http-functions"));
        Assert.Contains(said, await File.ReadAllTextAsync(Path.Combine(Library.SourceTree, "samples", "http-functions", "README.md")), StringComparison.Ordinal);
        Assert.StartsWith("Completed: ", said, StringComparison.Ordinal);
    }

    private static (string Name, string Content)[] Sample(string name)
    {
        var folder = Path.Combine(Library.SourceTree, "samples", name);
        return [.. Directory.EnumerateFiles(folder, "*.*", SearchOption.AllDirectories).Where(f => Path.GetExtension(f) is ".cs" or ".py").Select(f => (Path.GetRelativePath(folder, f), File.ReadAllText(f)))];
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private const string Hello = """"
        using Akka.Hosting;
        using Microsoft.Extensions.DependencyInjection;
        using Orchestration.Actors.Hosting;
        using Orchestration.Core.Json;
        using Orchestration.Core.Ports;
        using Orchestration.Core.Reports;
        using Orchestration.ObjectStore;
        using Orchestration.OpenWhisk;
        using Orchestration.Persistence.MongoDb;
        using Orchestration.Persistence.Sqlite;
        using Orchestration.TestKit;
        using Orchestration.Workflows;

        // Each package's types are there for the compiler; what is run is a pipeline of the test kit.
        Type[] types = [typeof(OpenWhiskInvoker), typeof(IObjectStore), typeof(ActionReply), typeof(MongoDbPersistence), typeof(SqlitePersistence)];
        await using var test = await OrchestrationTest.StartAsync();
        test.Whisk.On("double").FailsFirst(1).Returns(r => r.Parameters.ToDocument().RootElement.GetProperty("n").GetInt32() is var n ? $$"""{"n":{{2 * n}}}""" : "");
        var run = await test.RunAsync(WorkflowFile.Parse("""
            name: hello
            steps:
              - { id: double, action: double, foreach: [1, 2, 3], with: { n: "${{ item }}" }, retry: { retries: 2 } }
            output: "${{ steps.double.result[*].n }}"
            """, "hello.yaml"));
        run.ShouldHaveCompleted().ShouldHaveInvoked("double").Times(4);
        Console.WriteLine($"{run.Status.ToString().ToLowerInvariant()}: {run.Output}{(types.Length == 5 ? "" : "?")}");
        """";

    private void Look(string name)
    {
        using var package = ZipFile.OpenRead(Path.Combine(Packages, $"{name}.{Library.Version}.nupkg"));
        foreach (var entry in (string[])["README.md", $"lib/net10.0/{name}.dll", $"lib/net10.0/{name}.xml"])
            Assert.True(package.GetEntry(entry) is not null, $"{name} lacks {entry}.");
        using var stream = package.GetEntry(name + ".nuspec")!.Open();
        var metadata = XDocument.Load(stream).Root!.Elements().Single(e => e.Name.LocalName == "metadata");
        string? Of(string element) => metadata.Elements().SingleOrDefault(e => e.Name.LocalName == element)?.Value;
        Assert.Equal(("MIT", "README.md"), (Of("license"), Of("readme")));
        Assert.True(Of("description") is { Length: > 40 }, $"{name} describes itself as '{Of("description")}'.");
    }

    // Restores into a folder of its own, so that this version is never taken from what an earlier one left behind; what others made comes from the machine's folder where it is there.
    private async Task<string> RunAsync(string name, string[] packages, params (string Name, string Content)[] files)
    {
        var place = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        var machine = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        await File.WriteAllTextAsync(Path.Combine(place, "nuget.config"), new XDocument(new XElement("configuration",
            new XElement("config", new XElement("add", new XAttribute("key", "globalPackagesFolder"), new XAttribute("value", Path.Combine(_folder, "restored")))),
            new XElement("fallbackPackageFolders", new XElement("add", new XAttribute("key", "machine"), new XAttribute("value", machine))),
            new XElement("packageSources", new XElement("add", new XAttribute("key", "packed"), new XAttribute("value", Packages))))).ToString());
        await File.WriteAllTextAsync(Path.Combine(place, name + ".csproj"), new XElement("Project", new XAttribute("Sdk", "Microsoft.NET.Sdk"),
            new XElement("PropertyGroup", new XElement("TargetFramework", "net10.0"), new XElement("OutputType", "Exe"), new XElement("ImplicitUsings", "enable"), new XElement("Nullable", "enable"), new XElement("UseSharedCompilation", "false"), new XElement("NuGetAudit", "false")),
            new XElement("ItemGroup", packages.Select(p => new XElement("PackageReference", new XAttribute("Include", p), new XAttribute("Version", Library.Version))), new XElement("FrameworkReference", new XAttribute("Include", "Microsoft.AspNetCore.App"))),
            new XElement("ItemGroup", new XElement("Content", new XAttribute("Include", "actions/*.py"), new XAttribute("CopyToOutputDirectory", "PreserveNewest")))).ToString());
        foreach (var (file, content) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(place, file))!);
            await File.WriteAllTextAsync(Path.Combine(place, file), content);
        }
        await DotNetAsync(place, "build", "-o", "out", "-v", "quiet", "--nologo", "-clp:NoSummary");
        return await DotNetAsync(place, Path.Combine("out", name + ".dll"));
    }

    private static string Configuration => AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}release", StringComparison.OrdinalIgnoreCase) ? "Release" : "Debug";

    private static async Task<string> DotNetAsync(string folder, params string[] arguments)
    {
        var info = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // No build server stays behind, and the build that runs these tests sets nothing here.
        info.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        info.Environment.Remove("NUGET_PACKAGES");
        using var process = Process.Start(info)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{await output}\n{await errors}");
        return await output;
    }
}
