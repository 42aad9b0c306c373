using System.Diagnostics;
using Orchestration.Host.Commands;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Commands;

/// <summary>Completion, suggestions and version.</summary>
public sealed class ShellTests : Workplace
{
    [Theory]
    [InlineData("orchestration ru", "run", "runs")]
    [InlineData("./orchestration runs ", "list", "show", "resume")]
    [InlineData("orchestration runs list --status f", "failed")]
    [InlineData("orchestration run --no", "--no-bodies")]
    [InlineData("orchestration completion ", "bash", "zsh", "pwsh")]
    public void What_may_follow_is_offered(string line, params string[] expected)
    {
        var words = CompletionCommand.Words(CommandLine.Create(), line, line.Length).ToList();

        Assert.All(expected, word => Assert.Contains(word, words));
        Assert.DoesNotContain(words, word => word.StartsWith("__", StringComparison.Ordinal) || word == "-h");
    }

    [Fact]
    public async Task Bash_completes_by_the_script()
    {
        var script = (await RunAsync("completion", "bash")).MustExitWith(0).Output;
        Write("completion.bash", script);
        // What bash sets when the tab key is hit; the program that it calls stands in for the launcher.
        var asked = Write("ask.bash", $$"""
            orchestration() { dotnet {{HostProcess.Assembly}} "$@"; }
            source completion.bash
            COMP_WORDS=(orchestration runs list --sta) COMP_LINE="orchestration runs list --sta" COMP_POINT=29
            _orchestration
            printf '%s\n' "${COMPREPLY[@]}"
            """);
        using var bash = Process.Start(new ProcessStartInfo("bash", [asked]) { WorkingDirectory = Folder, RedirectStandardOutput = true })!;

        Assert.Equal("--status\n", await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Contains("#compdef orchestration", (await RunAsync("completion", "zsh")).MustExitWith(0).Output, StringComparison.Ordinal);
        Assert.Contains("Register-ArgumentCompleter", (await RunAsync("completion", "pwsh")).MustExitWith(0).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unknown command 'rnu'; did you mean 'run'?", "rnu", "x.yaml")]
    [InlineData("unknown command 'lst'; did you mean 'list'?", "runs", "lst")]
    [InlineData("unknown option '--pool-szie'; did you mean '--pool-size'?", "run", "x.yaml", "--pool-szie", "3")]
    [InlineData("unknown option '--secrets-fil'; did you mean '--secrets-file'?", "run", "--secrets-fil=a", "x.yaml")]
    [InlineData("unknown option '--hepl'; did you mean '--help'?", "run", "--hepl")]
    [InlineData("unknown option '--entirely-else'.", "validate", "--entirely-else")]
    [InlineData("'more' is one argument too many.", "version", "more")]
    public async Task What_is_unknown_is_refused_with_the_nearest_that_is_known(string expected, params string[] arguments)
    {
        var result = (await RunAsync(arguments)).MustExitWith(2);

        Assert.StartsWith($"error: {expected}", result.Errors, StringComparison.Ordinal);
        Assert.Equal(2, result.Errors.TrimEnd().Split('\n').Length);
    }

    [Fact]
    public async Task A_file_may_begin_with_a_dash_behind_two()
    {
        Assert.Contains("--x.yaml", (await RunAsync("validate", "--", "--x.yaml")).MustExitWith(2).Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("unknown option", (await RunAsync("validate", "--", "--x.yaml")).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_is_told_in_each_form()
    {
        Assert.Matches(@"^orchestration \d+\.\d+\.\d+(\+[0-9a-f]{1,12})? \(\.NET 10\.[\d.]+, \S+\)\n$", (await RunAsync("version")).MustExitWith(0).Output);
        Assert.StartsWith("10.", (await RunAsync("version", "-o", "json")).MustExitWith(0).Json().GetProperty("runtime").GetString(), StringComparison.Ordinal);
    }
}
