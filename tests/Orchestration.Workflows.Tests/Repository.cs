using System.Text.RegularExpressions;

namespace Orchestration.Workflows.Tests;

/// <summary>Files of the repository that tests hold the code to.</summary>
internal static partial class Repository
{
    /// <summary>Its top folder.</summary>
    public static string Folder { get; } = Find();

    /// <summary>The YAML examples of a document.</summary>
    public static IEnumerable<string> YamlBlocks(string document) => YamlBlock().Matches(File.ReadAllText(Path.Combine(Folder, document))).Select(m => m.Groups[1].Value);

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Orchestration.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("the tests run outside of the repository");
        return folder.FullName;
    }

    [GeneratedRegex(@"^```yaml\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex YamlBlock();
}
