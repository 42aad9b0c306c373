using System.IO.Compression;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Actions;

/// <summary>What is sent, and what is refused before anything is.</summary>
public sealed class ActionDeployTests : Workplace
{
    private const string Greeting = "def main(args):\n    return {'greeting': 'Hello'}\n";

    [Fact]
    public async Task Requirements_go_into_the_archive_and_are_imported()
    {
        Directory.CreateDirectory(PathOf("count"));
        WriteWheel(PathOf("count/tiny-1.0-py3-none-any.whl"), "tiny", "def count(text):\n    return len(text.split())\n");
        Write("count/requirements.txt", "# what counts\n./tiny-1.0-py3-none-any.whl\n");
        Write("count/helper.py", "import tiny\n\ndef words(text):\n    return tiny.count(text)\n");
        Write("count/__main__.py", "import helper\n\ndef main(args):\n    return {'words': helper.words(args['text'])}\n");

        var plan = (await RunAsync("action", "deploy", "count", "--dry-run")).MustExitWith(0);
        Assert.Contains("virtualenv/bin/activate_this.py", plan.Output, StringComparison.Ordinal);
        Assert.Contains("/site-packages/tiny.py", plan.Output, StringComparison.Ordinal);
        var trial = (await RunAsync("action", "run", "count", "-p", "text=one two three", "--json")).MustExitWith(0);
        Assert.Equal(3, trial.Json().GetProperty("result").GetProperty("words").GetInt32());
        (await RunAsync("action", "deploy", "count")).MustExitWith(0);
        Assert.Contains("count: unchanged", (await RunAsync("action", "deploy", "count")).MustExitWith(0).Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(PathOf("count/virtualenv")));
    }

    [Fact]
    public async Task Requirements_that_pip_cannot_resolve_are_told_with_what_to_do()
    {
        Directory.CreateDirectory(PathOf("count"));
        Write("count/requirements.txt", "--no-index\nno-such-package==1.0\n");
        Write("count/__main__.py", Greeting);

        var result = (await RunAsync("action", "deploy", "count")).MustExitWith(1);

        Assert.Contains("pip cannot resolve", result.Errors, StringComparison.Ordinal);
        Assert.Contains("no-such-package", result.Errors, StringComparison.Ordinal);
        Assert.Contains("action dockerfile", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_action_that_differs_is_replaced_only_when_that_is_asked_for()
    {
        Write("greet.py", Greeting);
        Assert.Contains("greet: created", (await RunAsync("action", "deploy", "greet.py")).MustExitWith(0).Output, StringComparison.Ordinal);
        var refused = (await RunAsync("action", "deploy", "greet.py", "--memory", "512")).MustExitWith(1);
        Assert.Contains("greet: on the local OpenWhisk already, with other code or limits; nothing was sent. Replace with --update", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("greet: updated", (await RunAsync("action", "deploy", "greet.py", "--memory", "512", "--update")).MustExitWith(0).Output, StringComparison.Ordinal);
        // What is not given stays as it is.
        Assert.Contains("greet: unchanged", (await RunAsync("action", "deploy", "greet.py")).MustExitWith(0).Output, StringComparison.Ordinal);
        Assert.Contains("people/hi: created", (await RunAsync("action", "deploy", "greet.py", "--name", "hi", "--package", "people", "--timeout", "90s")).MustExitWith(0).Output, StringComparison.Ordinal);

        var action = (await RunAsync("action", "get", "people/hi")).MustExitWith(0).Json();
        Assert.Equal(90_000, action.GetProperty("limits").GetProperty("timeout").GetInt32());
        (await RunAsync("action", "get", "people/hi", "--save-as", "saved.py")).MustExitWith(0);
        Assert.Equal(Greeting, await File.ReadAllTextAsync(PathOf("saved.py")));
        Assert.Contains("'saved.py' is there already", (await RunAsync("action", "get", "people/hi", "--save-as", "saved.py")).MustExitWith(2).Errors, StringComparison.Ordinal);
        Assert.Contains("deleted people/hi", (await RunAsync("action", "delete", "people/hi")).MustExitWith(0).Output, StringComparison.Ordinal);
        Assert.Contains("There is no action 'people/hi'", (await RunAsync("action", "delete", "people/hi")).MustExitWith(1).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_actions_of_a_workflow_are_deployed_or_none()
    {
        Write("a.py", Greeting);
        Write("b.py", Greeting);
        Write("two.yaml", "name: two\nactions: { a: { file: a.py }, p/b: { file: b.py, timeout: 2m } }\nsteps:\n  - { id: one, action: a }\n");
        var created = (await RunAsync("action", "deploy", "two.yaml")).MustExitWith(0).Output;
        Assert.Contains("a: created", created, StringComparison.Ordinal);
        Assert.Contains("p/b: created", created, StringComparison.Ordinal);

        Write("a.py", Greeting.Replace("Hello", "Hi", StringComparison.Ordinal));
        Write("b.py", Greeting.Replace("Hello", "Hi", StringComparison.Ordinal));
        Assert.Contains("a, p/b: on the local OpenWhisk already", (await RunAsync("action", "deploy", "two.yaml")).MustExitWith(1).Errors, StringComparison.Ordinal);
        Assert.Contains("p/b: updated", (await RunAsync("action", "deploy", "two.yaml", "--update")).MustExitWith(0).Output, StringComparison.Ordinal);
        Assert.Contains("--kind is for one action", (await RunAsync("action", "deploy", "two.yaml", "--kind", "python:3")).MustExitWith(2).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Elsewhere_a_file_that_imports_object_store_is_warned_about()
    {
        Write("greet.py", "from object_store import store\n" + Greeting);
        await using var whisk = await WhiskOfTest.StartAsync(Folder);
        var elsewhere = (string[])["--openwhisk", whisk.Url(), "--auth", whisk.Auth];

        var result = (await RunAsync(["action", "deploy", "greet.py", .. elsewhere])).MustExitWith(0);

        Assert.Contains("greet: created on " + whisk.Url(), result.Output, StringComparison.Ordinal);
        Assert.Contains("warning: greet imports object_store, which is sent only with a folder", result.Errors, StringComparison.Ordinal);
        var invoked = (await RunAsync(["action", "invoke", "greet", .. elsewhere])).MustExitWith(0).Output;
        Assert.Matches("invoked greet: activation [0-9a-f]{32}", invoked);
    }

    [Theory]
    [InlineData("There is neither a file nor a folder 'nothing'", "action", "run", "nothing")]
    [InlineData("The folder 'empty' is no action", "action", "deploy", "empty")]
    [InlineData("-p: 'text' is not of the form name=value", "action", "run", "greet.py", "-p", "text")]
    [InlineData("the parameter 'a' is given twice", "action", "run", "greet.py", "-p", "a=1", "-p", "a=2")]
    [InlineData("a member 'context'", "action", "run", "greet.py", "-p", "context=1")]
    [InlineData("--debug runs Python actions", "action", "run", "greet.js", "--debug")]
    [InlineData("--timeout: 'soon' is not a duration", "action", "deploy", "greet.py", "--timeout", "soon")]
    [InlineData("names a package already", "action", "deploy", "greet.py", "--name", "p/a", "--package", "q")]
    [InlineData("the local OpenWhisk runs actions as processes and has no images", "action", "deploy", "greet.py", "--docker", "me/greet")]
    [InlineData("with --docker IMAGE and --name NAME", "action", "deploy")]
    [InlineData("'..' cannot be an action's name", "action", "new", "a/..")]
    [InlineData("'empty2' is there already", "action", "new", "empty2")]
    [InlineData("'greet.py' is a file. An image is made of a folder", "action", "dockerfile", "greet.py")]
    public async Task What_cannot_be_is_refused(string message, params string[] arguments)
    {
        Write("greet.py", Greeting);
        Write("greet.js", "function main() { return {}; }");
        Directory.CreateDirectory(PathOf("empty"));
        Directory.CreateDirectory(PathOf("empty2/sub"));

        var result = (await RunAsync(arguments)).MustExitWith(2);

        Assert.Contains(message, result.Errors.Replace(Folder + "/", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_the_foreground_an_action_has_the_terminal_and_the_store()
    {
        (await RunAsync("action", "new", "greet")).MustExitWith(0);

        Assert.Equal("Hello, Bo!", (await RunAsync("action", "run", "greet", "--debug", "-p", "name=Bo")).MustExitWith(0).Json("{").GetProperty("greeting").GetString());
        Assert.True(File.Exists(PathOf(".orchestration/store/greetings/Bo.txt")));
        Assert.Contains("BadInput", (await RunAsync("action", "run", "greet", "--debug")).MustExitWith(1).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dockerfile_installs_the_requirements_and_object_store()
    {
        (await RunAsync("action", "new", "greet")).MustExitWith(0);
        (await RunAsync("action", "dockerfile", "greet", "--kind", "python:3.12")).MustExitWith(0);

        var lines = await File.ReadAllLinesAsync(PathOf("greet/Dockerfile"));
        Assert.Contains("FROM openwhisk/action-python-v3.12", lines);
        Assert.Contains("RUN pip install --no-cache-dir -r /tmp/requirements.txt", lines);
        var sdist = Path.GetFileName(Assert.Single(Directory.GetFiles(PathOf("greet"), "object_store-*.tar.gz")));
        Assert.Contains($"COPY {sdist} /tmp/{sdist}", lines);
        Assert.Contains("is there already, and is not overwritten", (await RunAsync("action", "dockerfile", "greet")).MustExitWith(2).Errors, StringComparison.Ordinal);
        // Neither is part of the action.
        Assert.DoesNotContain("Dockerfile", (await RunAsync("action", "deploy", "greet", "--dry-run")).MustExitWith(0).Output, StringComparison.Ordinal);
    }

    private static void WriteWheel(string file, string name, string source)
    {
        using var wheel = ZipFile.Open(file, ZipArchiveMode.Create);
        foreach (var (entry, text) in new[]
        {
            ($"{name}.py", source),
            ($"{name}-1.0.dist-info/METADATA", $"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"),
            ($"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
            ($"{name}-1.0.dist-info/RECORD", $"{name}.py,,\n{name}-1.0.dist-info/METADATA,,\n{name}-1.0.dist-info/WHEEL,,\n{name}-1.0.dist-info/RECORD,,\n"),
        })
        {
            using var writer = new StreamWriter(wheel.CreateEntry(entry).Open());
            writer.Write(text);
        }
    }
}
