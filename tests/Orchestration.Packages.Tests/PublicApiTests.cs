using PublicApiGenerator;

namespace Orchestration.Packages.Tests;

/// <summary>What others can compile against changes only when somebody says so: the approved state is in <c>PublicApi</c>.</summary>
public sealed class PublicApiTests
{
    public static TheoryData<string> Libraries => [.. Library.Names];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void The_public_interface_is_the_approved_one(string library)
    {
        var actual = Library.Load(library).GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false, DenyNamespacePrefixes = [] }).ReplaceLineEndings("\n").TrimEnd() + "\n";
        var file = Path.Combine(Library.SourceTree, "tests", "Orchestration.Packages.Tests", "PublicApi", library + ".txt");
        if (Environment.GetEnvironmentVariable("ORCHESTRATION_APPROVE_API") == "1")
            File.WriteAllText(file, actual);

        var approved = File.Exists(file) ? File.ReadAllText(file) : "";
        var (added, removed) = (Lines(actual).Except(Lines(approved)), Lines(approved).Except(Lines(actual)));
        Assert.True(actual == approved, $"The public interface of {library} differs from {file}:\n{string.Join('\n', added.Select(l => "+ " + l).Concat(removed.Select(l => "- " + l)))}\nWhen that is meant, run the tests once with ORCHESTRATION_APPROVE_API=1, and tell users in CHANGELOG.md.");
    }

    private static string[] Lines(string text) => text.Split('\n');
}
