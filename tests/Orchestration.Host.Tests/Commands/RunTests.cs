using System.Text.Json;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Commands;

public sealed class RunTests : Workplace
{
    [Fact]
    public async Task The_hello_sample_runs_three_actions_once_each_and_json_is_all_there_is_on_stdout()
    {
        var result = (await RunAsync("run", HelloWorkflow, "-p", "input=Ada", "--json")).MustExitWith(0);

        var report = result.Json();
        Assert.Equal(1, report.GetProperty("schemaVersion").GetInt32());
        Assert.Equal("completed", report.GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, report.GetProperty("error").ValueKind);
        Assert.Equal("Did somebody say \"Hello, Ada!\"? Yes, and it came through three actions.", report.GetProperty("output").GetString());
        var actions = report.GetProperty("actions").EnumerateArray().ToList();
        Assert.Equal(["hello", "question", "answer"], actions.Select(a => a.GetProperty("name").GetString()));
        Assert.All(actions, action => Assert.Single(Attempts(action)));
        Assert.Matches("^OpenWhisk: local ", result.Errors);
    }

    [Fact]
    public async Task Without_json_stdout_tells_the_steps_as_they_end_and_the_report_fits_80_columns()
    {
        var result = (await RunAsync("run", HelloWorkflow)).MustExitWith(0);

        var lines = result.Output.Split('\n');
        Assert.StartsWith("OpenWhisk: local (", lines[0], StringComparison.Ordinal);
        Assert.Contains("hello: 1 action", lines);
        Assert.Contains(lines, line => line.StartsWith("answer: done in ", StringComparison.Ordinal));
        Assert.Contains("output: Did somebody say \"Hello, World!\"? Yes, and it came through three actions.", lines);
        Assert.All(lines.Where(line => !line.StartsWith("output: ", StringComparison.Ordinal)), line => Assert.True(line.Length <= 80, line));
        Assert.Empty(result.Errors);
    }

    [Fact]
    public async Task An_action_that_fails_twice_gets_three_attempts_with_the_backoffs_delays_between_them()
    {
        Write("flaky.py", $$$"""
            import os

            def main(args):
                with open({{{Quote(PathOf("calls"))}}}, "a+") as calls:
                    calls.write("x")
                    calls.seek(0)
                    count = len(calls.read())
                return {"count": count} if count == 3 else {"error": {"code": "NotYet", "message": "call %d" % count, "meta": None}}
            """);
        var workflow = Write("flaky.yaml", """
            name: flaky
            actions: { flaky: { file: flaky.py } }
            steps:
              - { id: flaky, action: flaky, retry: { retries: 3, backoff: exponential, initial: 300ms, factor: 2, max: 10s, jitter: false } }
            output: "${{ steps.flaky.result.count }}"
            """);

        var result = (await RunAsync("run", workflow, "--json")).MustExitWith(0);

        var report = result.Json();
        Assert.Equal(3, report.GetProperty("output").GetInt32());
        var attempts = Attempts(Action(report, "flaky"));
        Assert.Equal(["application_error", "application_error", "success"], attempts.Select(a => a.GetProperty("outcome").GetString()));
        Assert.Equal("NotYet", attempts[0].GetProperty("error").GetProperty("code").GetString());
        // The pause lies between the stored end of one attempt and the start of the next; the activation's own times lie within.
        Assert.InRange(Pause(attempts, 1), 0.3, 60);
        Assert.InRange(Pause(attempts, 2), 0.6, 60);
        Assert.Equal(2, report.GetProperty("totals").GetProperty("retries").GetInt32());
        Assert.Contains("attempt 1 failed (application_error: NotYet: call 1); the next is in 300 ms", result.Errors, StringComparison.Ordinal);
        Assert.Contains("attempt 2 failed (application_error: NotYet: call 2); the next is in 600 ms", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_action_that_always_fails_gets_one_attempt_more_than_retries_and_the_results_of_others_are_kept()
    {
        Write("half.py", """
            def main(args):
                if args["item"] == "bad":
                    return {"error": {"code": "Bad", "message": "[red]no[/] luck", "meta": None}}
                return {"got": args["item"]}
            """);
        var workflow = Write("half.yaml", """
            name: half
            actions: { half: { file: half.py } }
            steps:
              - id: half
                action: half
                foreach: ["one", "bad", "three"]
                with: { item: "${{ item }}" }
                retry: { retries: 2, backoff: fixed, initial: 10ms }
            """);

        var result = (await RunAsync("run", workflow, "--json")).MustExitWith(1);

        var report = result.Json();
        Assert.Equal("failed", report.GetProperty("status").GetString());
        Assert.Equal("half", report.GetProperty("error").GetProperty("step").GetString());
        Assert.Equal([1, 3, 1], Enumerable.Range(0, 3).Select(i => Attempts(Action(report, "half", i)).Count));
        Assert.Equal("three", Action(report, "half", 2).GetProperty("result").GetProperty("got").GetString());
        Assert.Equal("Bad", Action(report, "half", 1).GetProperty("error").GetProperty("code").GetString());

        var shown = (await RunAsync("runs", "show", report.GetProperty("orchId").GetString()!)).MustExitWith(0);
        var sentence = Assert.Single(shown.Output.Split('\n'), line => line.StartsWith("The run failed in step half, action half (item 1, 3 attempts): ", StringComparison.Ordinal));
        Assert.Contains($"runs show {report.GetProperty("orchId").GetString()}", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parallelism_is_kept_exactly()
    {
        await using var whisk = await WhiskOfTest.StartAsync(Folder);
        await whisk.DeployAsync("sleeper", Write("sleeper.py", """
            import time

            def main(args):
                time.sleep(0.3)
                return {}
            """));
        var workflow = Write("sleepers.yaml", """
            name: sleepers
            steps:
              - { id: sleep, action: sleeper, foreach: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20], parallelism: 3 }
            """);
        var props = Write("wskprops", $"APIHOST={whisk.Url()}\nAUTH={whisk.Auth}\n");

        var result = (await HostProcess.RunAsync(Folder, new Dictionary<string, string> { ["WSK_CONFIG_FILE"] = props }, "run", workflow)).MustExitWith(0);

        Assert.Equal(3, whisk.Metrics.PerAction["sleeper"].PeakRunning);
        Assert.Equal(20, whisk.Metrics.PerAction["sleeper"].Invocations);
        Assert.StartsWith($"OpenWhisk: {whisk.Url()} (APIHOST in {props})", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(whisk.Auth, result.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_go_into_the_object_store_before_and_come_out_of_it_afterwards()
    {
        Write("copy.py", """
            from object_store import store
            from object_store.settings import from_environment

            @store.action
            def main(args):
                objects = store.ObjectStore(from_environment()[0], ["in", "out"])
                objects.get_sync(args["context"], "in", "note.txt")
                with open("in/note.txt") as note, open("out/note.txt", "w") as copy:
                    copy.write(note.read().upper())
                objects.put_sync(args["context"], "out", "note.txt")
                return {}
            """);
        var workflow = Write("copy.yaml", """
            name: copy
            actions: { copy: { file: copy.py } }
            steps: [{ id: copy, action: copy }]
            """);
        var source = Write("source.txt", "quiet words");

        var result = (await RunAsync("run", workflow, "--put", $"in/note.txt={source}", "--get", "out/note.txt=results/copy.txt", "--json")).MustExitWith(0);

        Assert.Equal("QUIET WORDS", await File.ReadAllTextAsync(PathOf("results/copy.txt")));
        var report = result.Json();
        Assert.Equal(11, report.GetProperty("totals").GetProperty("bytesRead").GetInt64());
        Assert.Equal(11, Action(report, "copy").GetProperty("bytesWritten").GetInt64());
        Assert.Equal(["in/note.txt", "out/note.txt"], report.GetProperty("objects").EnumerateArray().Select(o => o.GetProperty("object").GetString()).Order());
        Assert.Equal(11, report.GetProperty("inputSize").GetInt64());
    }

    [Fact]
    public async Task Settings_come_from_the_file_the_environment_and_the_command_line_in_rising_order()
    {
        Write("appsettings.json", """{ "Orchestration": { "DataDir": "from-file", "ObjectStore": "file:from-file-store" } }""");
        var environment = new Dictionary<string, string> { ["Orchestration__DataDir"] = "from-environment" };

        (await HostProcess.RunAsync(Folder, environment, "run", HelloWorkflow)).MustExitWith(0);

        Assert.True(File.Exists(PathOf("from-environment/journal.db")));
        Assert.False(Directory.Exists(PathOf("from-file")));
        (await HostProcess.RunAsync(Folder, environment, "run", HelloWorkflow, "--data-dir", "from-line")).MustExitWith(0);
        Assert.True(File.Exists(PathOf("from-line/journal.db")));
    }

    private static string Quote(string text) => $"\"{text}\"";

    private static double Pause(List<JsonElement> attempts, int index) =>
        (attempts[index].GetProperty("start").GetDateTimeOffset() - attempts[index - 1].GetProperty("end").GetDateTimeOffset()).TotalSeconds;
}
