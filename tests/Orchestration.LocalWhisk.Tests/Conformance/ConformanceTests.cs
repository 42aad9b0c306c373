using System.Text.RegularExpressions;
using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests.Conformance;

/// <summary>The conformance list of docs/openwhisk.md, each case against a running server.</summary>
public sealed partial class ConformanceTests(ConformanceTests.Fixture fixture) : IClassFixture<ConformanceTests.Fixture>
{
    public static TheoryData<string> Numbers => [.. ConformanceCase.All.Select(c => c.Number)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public Task Case(string number) => ConformanceCase.All.Single(c => c.Number == number).HoldsAsync(fixture.Whisk);

    [Fact]
    public async Task The_list_in_the_documentation_is_that_of_the_cases()
    {
        var rows = CaseRow().Matches(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "openwhisk.md")));
        var passed = rows.Where(r => r.Groups["state"].Value == "passed").Select(r => r.Groups["number"].Value);
        Assert.Equal(ConformanceCase.All.Select(c => c.Number), passed);
        Assert.All(rows, r => Assert.True(r.Groups["state"].Value == "passed" || r.Groups["state"].Value.StartsWith("not applicable: ", StringComparison.Ordinal), r.Value));
    }

    [GeneratedRegex(@"^\| (?<number>\d+[a-z]?) \| .* \| (?<state>[^|]+) \|$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex CaseRow();

    /// <summary>A server with the actions that the cases speak of.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        public TestWhisk Whisk { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Whisk = await TestWhisk.StartAsync(options => options with { MaxProcesses = 64 });
            foreach (var (name, code) in Sources.Fixtures)
                await Whisk.DeployAsync(name, code);
        }

        public ValueTask DisposeAsync() => Whisk.DisposeAsync();
    }
}
