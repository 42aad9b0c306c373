using System.Reflection;
using System.Text.RegularExpressions;
using Orchestration.Core.Objects;
using Orchestration.Host.Terminals;
using Orchestration.ObjectStore;

namespace Orchestration.Host.Actions;

/// <summary>Makes the folder of a new action from the templates in this assembly.</summary>
internal static partial class ActionTemplate
{
    // Source files have another extension in the source tree, where they would be compiled.
    private const string SourceMark = ".txt";

    /// <summary>Writes the files.</summary>
    /// <param name="folder">Where; must not be there, or be empty.</param>
    /// <param name="name">The action's name.</param>
    /// <param name="family">Its language.</param>
    /// <returns>Their names.</returns>
    /// <exception cref="CommandException">The folder has files in it.</exception>
    public static IReadOnlyList<string> Write(string folder, string name, ActionFamily family)
    {
        if (File.Exists(folder) || Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw CommandException.Usage($"'{folder}' is there already and nothing of it is overwritten. Choose another name, or remove it.");
        Directory.CreateDirectory(folder);
        var prefix = $"templates/{family.ToString().ToLowerInvariant()}/";
        var assembly = typeof(ActionTemplate).Assembly;
        var files = new List<string>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var file = resource[prefix.Length..].Replace("project.csproj", Identifier(name) + ".csproj", StringComparison.Ordinal);
            file = file.EndsWith(SourceMark, StringComparison.Ordinal) && family == ActionFamily.Dotnet ? file[..^SourceMark.Length] : file;
            File.WriteAllText(Path.Combine(folder, file), Placeholder().Replace(reader.ReadToEnd(), m => ValueOf(m.Groups[1].Value, name)));
            files.Add(file);
        }
        if (family == ActionFamily.Dotnet)
            files.AddRange(CopyLibraries(folder));
        return files;
    }

    // Projects of this name's own packages are not published; the program has the assemblies beside it.
    private static List<string> CopyLibraries(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "lib"));
        var files = new List<string>();
        foreach (var assembly in new[] { typeof(ObjectKey).Assembly, typeof(ObjectStoreFactory).Assembly })
        {
            var file = Path.Combine("lib", Path.GetFileName(assembly.Location));
            File.Copy(assembly.Location, Path.Combine(folder, file));
            files.Add(file);
        }
        return files;
    }

    private static string ValueOf(string placeholder, string name) => placeholder switch
    {
        "identifier" => Identifier(name),
        "package" => name.ToLowerInvariant(),
        _ => typeof(ActionTemplate).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == placeholder).Value!,
    };

    // my-first_action → MyFirstAction.
    private static string Identifier(string name)
    {
        var words = string.Concat(name.Split('-', '_', '.', ' ', '@').Where(w => w.Length > 0).Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
        return words.Length == 0 || char.IsAsciiDigit(words[0]) ? "Action" + words : words;
    }

    [GeneratedRegex(@"\{\{([A-Za-z.]+)\}\}")]
    private static partial Regex Placeholder();
}
