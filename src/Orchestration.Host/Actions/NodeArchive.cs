using System.Text.Json;
using Orchestration.Host.Installing;
using Orchestration.Host.Running;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Actions;

/// <summary>Packs a Node.js action: its files, the modules of <c>node_modules</c>, which npm gets when they are not there, and <c>object_store</c>.</summary>
internal static class NodeArchive
{
    private const string Manifest = "package.json";
    private const string Modules = "node_modules";

    /// <exception cref="CommandException">npm is not there, or fails.</exception>
    public static async Task<ActionArchive> MakeAsync(ActionSource source, Terminal terminal, CancellationToken cancellation)
    {
        var archive = new ActionArchive();
        archive.AddFolder(source.Path, "", name => name is not ("Dockerfile" or "input.json"));
        if (!archive.Names.Contains(Manifest))
            archive.AddText(Manifest, $$"""{"name":"action","main":"{{source.Entry}}"}""");
        else if (HasDependencies(Path.Combine(source.Path, Manifest)) && !Directory.Exists(Path.Combine(source.Path, Modules)))
            await InstallAsync(archive, source.Path, terminal, cancellation);
        if (ProjectFiles.NodeModules is { } modules && !archive.Names.Any(n => n.StartsWith($"{Modules}/object_store/", StringComparison.Ordinal)))
            archive.AddFolder(Path.Combine(modules, "object_store"), $"{Modules}/object_store/");
        return archive;
    }

    private static bool HasDependencies(string manifest)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(manifest));
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("dependencies", out var list) && list.ValueKind == JsonValueKind.Object && list.EnumerateObject().Any();
        }
        catch (JsonException e)
        {
            throw CommandException.Usage($"'{manifest}' is no JSON: {e.Message}", e);
        }
    }

    private static async Task InstallAsync(ActionArchive archive, string folder, Terminal terminal, CancellationToken cancellation)
    {
        var target = Directory.CreateTempSubdirectory("orchestration-modules-").FullName;
        try
        {
            terminal.Note($"getting the dependencies of {Manifest} with npm ...");
            foreach (var file in new[] { Manifest, "package-lock.json" }.Where(f => File.Exists(Path.Combine(folder, f))))
                File.Copy(Path.Combine(folder, file), Path.Combine(target, file));
            var done = await ProgramRun.RunInAsync(target, "npm", [File.Exists(Path.Combine(target, "package-lock.json")) ? "ci" : "install", "--omit=dev", "--no-audit", "--no-fund"], cancellation);
            if (done.ExitCode != 0)
                throw CommandException.Failure($"npm cannot get the dependencies of {Path.Combine(folder, Manifest)}: {done.Errors.Trim()}\nCorrect the file, or get them by hand: (cd {ShellText.Quote(folder)} && npm install --omit=dev).");
            if (Directory.Exists(Path.Combine(target, Modules)))
                archive.AddFolder(Path.Combine(target, Modules), Modules + "/");
        }
        finally
        {
            Directory.Delete(target, recursive: true);
        }
    }
}
