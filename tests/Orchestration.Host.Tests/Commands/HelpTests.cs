using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Commands;

public sealed class HelpTests : Workplace
{
    [Theory]
    [InlineData("run", "-p", "-P", "--param-file", "--secrets-file", "--put", "--get", "--json", "--openwhisk", "--auth", "--insecure", "--object-store", "--access-key", "--secret-key", "--database", "--data-dir", "--pool-size", "--max-in-flight")]
    [InlineData("validate", "FILE")]
    [InlineData("demo", "--input", "--chunks", "--resolution", "--parallelism", "[default: 5]", "[default: 360p]")]
    [InlineData("dev", "--port", "--allow-origin", "[default: 3233]")]
    public async Task Help_names_the_options_with_their_defaults(string command, params string[] expected)
    {
        var result = (await RunAsync(command, "--help")).MustExitWith(0);

        Assert.All(expected, part => Assert.Contains(part, result.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Version_is_the_programs_own()
    {
        var result = (await RunAsync("--version")).MustExitWith(0);

        Assert.Matches(@"^\d+\.\d+\.\d+", result.Output);
    }
}
