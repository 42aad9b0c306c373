using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Commands;

/// <summary>What a workflow file says, from the command line on: parameters, secrets, conditions, large data, checking.</summary>
public sealed class WorkflowFileTests : Workplace
{
    private const string Secret = "t0p-s3cret";

    private string Echo => Write("echo.py", "def main(args):\n    return {k: v for k, v in args.items() if k not in ('context', '__orchestration')}\n");

    [Fact]
    public async Task Parameters_come_from_files_and_from_the_command_line_which_wins()
    {
        var workflow = Parameterized();
        var yaml = Write("values.yaml", "text: 5\nlist: [1, 2]\nneeded: yes\n");
        var json = Write("values.json", """{ "list": [3], "other": { "a": null } }""");

        var report = (await RunAsync("run", workflow, "-P", yaml, "--param-file", json, "-p", "text=7", "-p", "number=7", "--json")).MustExitWith(0).Json();

        Assert.Equal("""{"text":"7","number":7,"list":[3],"needed":"yes","other":{"a":null}}""", report.GetProperty("output").GetRawText());
    }

    [Fact]
    public async Task Wrong_parameters_are_told_before_anything_runs()
    {
        var workflow = Parameterized();
        var wrong = Write("wrong.yaml", "list: [1]\nneded: 1\nnubmer: 2\n");

        var undeclared = (await RunAsync("run", workflow, "-P", wrong)).MustExitWith(2);
        Assert.Contains($"{wrong}:2:1: the workflow 'parameters' declares no parameter 'neded'; did you mean 'needed'? Declared: text, number, list, needed, other.", undeclared.Errors, StringComparison.Ordinal);
        Assert.Contains($"{wrong}:3:1: the workflow 'parameters' declares no parameter 'nubmer'; did you mean 'number'?", undeclared.Errors, StringComparison.Ordinal);

        var missing = (await RunAsync("run", workflow)).MustExitWith(2);
        Assert.Contains("the parameter 'needed' has no default and no value; give it one with -p needed=…", missing.Errors, StringComparison.Ordinal);
        Assert.Contains("no such file", (await RunAsync("run", workflow, "-P", "nowhere.yaml")).MustExitWith(2).Errors, StringComparison.Ordinal);
        Assert.Contains("it takes a map of names and values", (await RunAsync("run", workflow, "-P", Write("list.yaml", "[1]"))).MustExitWith(2).Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(PathOf(".orchestration")));
    }

    [Theory]
    [InlineData("environment")]
    [InlineData("settings")]
    [InlineData("file")]
    [InlineData("setting of the file")]
    public async Task A_secret_reaches_the_action_and_nothing_else(string from)
    {
        _ = Echo;
        Write("check.py", $"def main(args):\n    return {{'same': args['key'] == 'Bearer {Secret}', 'back': args['key'], 'n': 1}}\n");
        var workflow = Write("secret.yaml", """
            name: secret
            secrets: [TEST_KEY]
            actions: { check: { file: check.py }, echo: { file: echo.py } }
            steps:
              - { id: check, action: check, with: { key: "Bearer ${{ secrets.TEST_KEY }}" } }
              - { id: hand, action: echo, with: { was: "${{ steps.check.result.back }}" } }
            output: ${{ steps.hand.result.was }} ${{ steps.check.result.same }}
            """);
        var (environment, arguments) = Place(from, Secret);

        var result = (await HostProcess.RunAsync(Folder, environment, ["run", workflow, "--json", .. arguments])).MustExitWith(0);

        var report = result.Json();
        Assert.Equal("Bearer *** true", report.GetProperty("output").GetString());
        Assert.Equal("""{"key":"Bearer ${{ secrets.TEST_KEY }}"}""", Action(report, "check").GetProperty("body").GetRawText());
        Assert.DoesNotContain(Secret, result.All, StringComparison.Ordinal);
        var shown = (await RunAsync("runs", "show", report.GetProperty("orchId").GetString()!, "--actions")).MustExitWith(0);
        Assert.DoesNotContain(Secret, shown.All, StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(PathOf(".orchestration"), "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f).Contains(".db", StringComparison.Ordinal)))
            Assert.True(File.ReadAllBytes(file).AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(Secret)) < 0, file);
    }

    [Fact]
    public async Task The_environment_goes_before_the_settings_and_these_before_the_file()
    {
        _ = Echo;
        var workflow = Write("secret.yaml", """
            name: secret
            secrets: [TEST_A, TEST_B, TEST_C]
            actions: { echo: { file: echo.py } }
            steps: [{ id: s, action: echo, with: { a: "${{ secrets.TEST_A }}", b: "${{ secrets.TEST_B }}", c: "${{ secrets.TEST_C }}" } }]
            """);
        Write("length.py", "def main(args):\n    return {k: len(args[k]) for k in 'abc'}\n");
        File.WriteAllText(workflow, File.ReadAllText(workflow).Replace("echo.py", "length.py", StringComparison.Ordinal));
        Write("appsettings.json", """{ "Orchestration": { "Secrets": { "TEST_A": "22", "TEST_B": "22" } } }""");
        var file = Write("secrets.env", "# values\n\nTEST_A=333\nTEST_B = 333\nTEST_C=\"333\"\n");

        var report = (await HostProcess.RunAsync(Folder, new Dictionary<string, string> { ["TEST_A"] = "1" }, "run", workflow, "--secrets-file", file, "--json")).MustExitWith(0).Json();

        // Numbers are masked where they are a value, so lengths are compared that are none.
        Assert.Equal("""{"a":"***","b":2,"c":3}""", Action(report, "s").GetProperty("result").GetRawText());
    }

    [Fact]
    public async Task A_missing_secret_is_told_with_all_places_before_anything_runs()
    {
        var workflow = Write("secret.yaml", "name: w\nsecrets: [TEST_KEY, TEST_OTHER]\nsteps: [{ id: s, action: a }]\n");

        var result = (await RunAsync("run", workflow, "--secrets-file", Write("secrets.env", "TEST_OTHER=x"))).MustExitWith(2);

        Assert.Contains(
            $"The secret 'TEST_KEY' has no value; looked for in the environment variable TEST_KEY, the setting Orchestration:Secrets:TEST_KEY (in appsettings.json, or Orchestration__Secrets__TEST_KEY in the environment), and the file {PathOf("secrets.env")}.",
            result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("TEST_OTHER", result.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(PathOf(".orchestration")));
        Assert.Contains("but none is given with --secrets-file", (await RunAsync("run", workflow)).MustExitWith(2).Errors, StringComparison.Ordinal);
        var malformed = (await RunAsync("run", workflow, "--secrets-file", Write("bad.env", $"A=1\n{Secret}\n"))).MustExitWith(2);
        Assert.Contains("bad.env:2: a line of a file of secrets is NAME=value.", malformed.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, malformed.All, StringComparison.Ordinal);
        Assert.Contains("cannot be read", (await RunAsync("run", workflow, "--secrets-file", "nowhere")).MustExitWith(2).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_that_may_fail_lets_the_run_complete_and_a_false_condition_skips()
    {
        _ = Echo;
        Write("fail.py", "def main(args):\n    return {'error': 'no'}\n");
        var workflow = Write("w.yaml", """
            name: w
            actions: { fail: { file: fail.py }, echo: { file: echo.py } }
            steps:
              - { id: try, action: fail, onFailure: continue, retry: { retries: 0 } }
              - { id: not, action: echo, when: "${{ steps.try.status == 'succeeded' }}" }
              - { id: nor, action: echo, needs: not }
            output: ${{ steps.try.status }} ${{ steps.not.status }} ${{ steps.nor.status }}
            """);

        var result = (await RunAsync("run", workflow, "--json")).MustExitWith(0).Json();

        Assert.Equal("failed skipped skipped", result.GetProperty("output").GetString());
        Assert.Equal(["failed", "skipped", "skipped"], result.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("status").GetString()));
        Assert.Equal("its condition is false", result.GetProperty("steps")[1].GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Lines_of_an_object_become_actions_and_their_results_an_object()
    {
        _ = Echo;
        var workflow = Write("w.yaml", """
            name: w
            actions: { echo: { file: echo.py } }
            steps:
              - { id: greet, action: echo, foreach: { lines: in/names.txt }, with: { n: "${{ item }}" }, collect: out/greetings.jsonl }
              - { id: again, action: echo, foreach: { lines: "${{ steps.greet.result }}" }, with: { n: "${{ item.n }}!" } }
              - { id: files, action: echo, needs: again, foreach: { objects: out }, with: { n: "${{ item.object }}", size: "${{ item.size }}" } }
            output: ["${{ steps.greet.result }}", "${{ steps.again.result[*].n }}", "${{ steps.files.result }}"]
            """);
        var names = Write("names.txt", "Ada\nBob\n\nÉva");

        var result = (await RunAsync("run", workflow, "--put", $"in/names.txt={names}", "--get", "out/greetings.jsonl=all.jsonl", "--json")).MustExitWith(0).Json();

        Assert.Equal("{\"n\":\"Ada\"}\n{\"n\":\"Bob\"}\n{\"n\":\"Éva\"}\n", await File.ReadAllTextAsync(PathOf("all.jsonl")));
        Assert.Equal("""["out/greetings.jsonl",["Ada!","Bob!","Éva!"],[{"n":"out/greetings.jsonl","size":37}]]""", result.GetProperty("output").GetRawText());
        var step = result.GetProperty("steps")[0];
        Assert.Equal(("out/greetings.jsonl", "lines", "in/names.txt"), (step.GetProperty("collected").GetString(), step.GetProperty("source").GetProperty("kind").GetString(), step.GetProperty("source").GetProperty("place").GetString()));
    }

    [Fact]
    public async Task Validate_tells_all_mistakes_of_all_files_at_once()
    {
        var good = Write("good.yaml", "name: w\nsteps: [{ id: s, action: a }]\n");
        var bad = Write("bad.yaml", "name: w\nsteps:\n  - { id: s, action: a, wehn: true }\n  - { id: t, needs: u }\n");

        var fine = (await RunAsync("validate", good)).MustExitWith(0);
        Assert.Equal($"{good}: no mistakes found (1 step)\n", fine.Output);

        var result = (await RunAsync("validate", good, bad, "nowhere.yaml")).MustExitWith(2);
        Assert.Contains("no mistakes found", result.Output, StringComparison.Ordinal);
        Assert.Equal(
            [$"{bad}:3:25", $"{bad}:4:5", $"{bad}:4:21", "nowhere.yaml"],
            result.Errors.TrimEnd().Split('\n').Select(line => line[..line.IndexOf(": ", StringComparison.Ordinal)]));
        Assert.False(Directory.Exists(PathOf(".orchestration")));
    }

    private string Parameterized()
    {
        _ = Echo;
        return Write("parameters.yaml", """
            name: parameters
            params: { text: abc, number: 1, list: [], needed: , other: {} }
            actions: { echo: { file: echo.py } }
            steps: [{ id: s, action: echo, with: "${{ params }}" }]
            output: ${{ steps.s.result }}
            """);
    }

    private (Dictionary<string, string> Environment, string[] Arguments) Place(string from, string value)
    {
        switch (from)
        {
            case "environment":
                return (new() { ["TEST_KEY"] = value }, []);
            case "settings":
                Write("appsettings.json", $$"""{ "Orchestration": { "Secrets": { "TEST_KEY": "{{value}}" } } }""");
                return ([], []);
            case "file":
                return ([], ["--secrets-file", Write("secrets.env", $"TEST_KEY='{value}'\n")]);
            default:
                return (new() { ["Orchestration__SecretsFile"] = Write("secrets.env", $"TEST_KEY={value}\n") }, []);
        }
    }
}
