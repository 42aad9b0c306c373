using System.Globalization;
using System.Text.Json;
using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests;

/// <summary>Processes of actions: shared, bounded, kept warm, ended with all they started.</summary>
public sealed class ProcessTests
{
    // Starts a child that would live for long, tells both pids, then does what it is told.
    private const string WithChild = """
        import os, subprocess, sys, time
        def main(args):
            child = subprocess.Popen(['sleep', '300'])
            if args.get('own_session'):
                child = subprocess.Popen(['sleep', '300'], start_new_session=True)
            if args.get('orphan'):
                out = subprocess.run(['sh', '-c', 'sleep 300 >/dev/null 2>&1 & echo $!'], capture_output=True, text=True).stdout
                with open(args['file'], 'w') as f: f.write(f"{os.getpid()} {int(out)}")
            else:
                with open(args['file'], 'w') as f: f.write(f"{os.getpid()} {child.pid}")
            if args.get('crash'): os._exit(7)
            if args.get('bad'): return None
            time.sleep(args.get('s', 300))
            return {'pid': os.getpid()}
        """;

    private static JsonElement Result(Reply reply)
    {
        Assert.True(reply.Status == 200, reply.Text);
        return reply.Json.GetProperty("response").GetProperty("result");
    }

    private static async Task<int[]> PidsAsync(string file)
    {
        await Eventually.TrueAsync(() => File.Exists(file) && File.ReadAllText(file).Contains(' ', StringComparison.Ordinal), "the action runs");
        return [.. File.ReadAllText(file).Split(' ').Select(p => int.Parse(p, CultureInfo.InvariantCulture))];
    }

    private static string Args(string file, string more) => $$"""{"file":{{JsonSerializer.Serialize(file)}},{{more}}}""";

    [Fact]
    public async Task Parallel_calls_get_a_process_and_a_folder_each()
    {
        await using var whisk = await TestWhisk.StartAsync(o => o with { MaxProcesses = 16 });
        await whisk.DeployAsync("own", "import os, time\ndef main(args):\n    time.sleep(1)\n    return {'pid': os.getpid(), 'cwd': os.getcwd(), 'files': os.listdir()}\n");
        var results = (await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => whisk.CallAsync("own")))).Select(Result).ToList();
        Assert.Equal(5, results.Select(r => r.GetProperty("pid").GetInt32()).Distinct().Count());
        Assert.Equal(5, results.Select(r => r.GetProperty("cwd").GetString()).Distinct().Count());
        Assert.All(results, r => Assert.Equal("""["main__.py"]""", r.GetProperty("files").GetRawText()));
        Assert.Equal(5, whisk.Server.Metrics.PerAction["own"].PeakRunning);
    }

    [Fact]
    public async Task Three_callers_at_a_time_make_a_peak_of_exactly_three()
    {
        await using var whisk = await TestWhisk.StartAsync(o => o with { MaxProcesses = 16 });
        await whisk.DeployAsync("sleep", Sources.Sleep);
        var left = 20;
        await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
                Assert.Equal(200, (await whisk.CallAsync("sleep", """{"ms":60}""")).Status);
        }));
        var metrics = (await whisk.GetAsync("/local/metrics")).Json;
        Assert.Equal((0, 3, 0), (metrics.GetProperty("running").GetInt32(), metrics.GetProperty("peakRunning").GetInt32(), metrics.GetProperty("waiting").GetInt32()));
        Assert.Equal("""{"running":0,"peakRunning":3,"invocations":20}""", metrics.GetProperty("perAction").GetProperty("sleep").GetRawText());
        Assert.Equal(3, whisk.Server.Metrics.PeakRunning);
    }

    [Fact]
    public async Task The_bound_on_processes_holds()
    {
        await using var whisk = await TestWhisk.StartAsync(o => o with { MaxProcesses = 2 });
        await whisk.DeployAsync("sleep", Sources.Sleep);
        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => whisk.CallAsync("sleep", """{"ms":40}""")));
        Assert.Equal(2, whisk.Server.Metrics.PeakRunning);
    }

    [Fact]
    public async Task Waiting_calls_of_one_action_run_in_order()
    {
        await using var whisk = await TestWhisk.StartAsync(o => o with { MaxProcesses = 1 });
        await whisk.DeployAsync("sleep", Sources.Sleep);
        var ids = new List<string>();
        for (var i = 0; i < 8; i++)
            ids.Add((await whisk.CallAsync("sleep", """{"ms":30}""", "")).ActivationId!);
        var end = 0L;
        foreach (var id in ids)
        {
            var record = await whisk.RecordAsync(id);
            Assert.InRange(record.GetProperty("start").GetInt64(), end, long.MaxValue);
            end = record.GetProperty("end").GetInt64();
        }
    }

    [Fact]
    public async Task Actions_share_the_bound_by_ending_idle_processes_of_others()
    {
        await using var whisk = await TestWhisk.StartAsync(o => o with { MaxProcesses = 1 });
        await whisk.DeployAsync("one", Sources.Environment);
        await whisk.DeployAsync("two", Sources.Environment);
        var one = Result(await whisk.CallAsync("one"));
        var two = Result(await whisk.CallAsync("two"));
        Assert.False(Machine.IsAlive(one.GetProperty("pid").GetInt32()));
        Assert.True(Machine.IsAlive(two.GetProperty("pid").GetInt32()));
        await Eventually.TrueAsync(() => !Directory.Exists(one.GetProperty("cwd").GetString()), "its folder is gone");
    }

    [Fact]
    public async Task A_busy_action_does_not_starve_another()
    {
        await using var whisk = await TestWhisk.StartAsync(o => o with { MaxProcesses = 1 });
        await whisk.DeployAsync("busy", Sources.Sleep);
        await whisk.DeployAsync("other", Sources.Echo);
        using var done = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            while (!done.IsCancellationRequested)
                await whisk.CallAsync("busy", """{"ms":20}""");
        }));
        await Eventually.TrueAsync(() => whisk.Server.Metrics.Waiting > 1, "calls are waiting");
        Assert.Equal(200, (await whisk.CallAsync("other")).Status);
        await done.CancelAsync();
        await load;
    }

    [Fact]
    public async Task A_process_is_kept_after_success_and_application_error()
    {
        await using var whisk = await TestWhisk.StartAsync();
        await whisk.DeployAsync("kept", "import os\ncalls = 0\ndef main(args):\n    global calls\n    calls += 1\n    if args.get('fail'):\n        raise Exception('x')\n    return {'calls': calls}\n");
        await whisk.CallAsync("kept");
        Assert.Equal(502, (await whisk.CallAsync("kept", """{"fail":true}""")).Status);
        Assert.Equal(3, Result(await whisk.CallAsync("kept")).GetProperty("calls").GetInt32());
        await whisk.DeployAsync("kept", "def main(args):\n    return None if args else {'fresh': True}\n");
        Assert.True(Result(await whisk.CallAsync("kept")).GetProperty("fresh").GetBoolean());
    }

    [Theory]
    [InlineData("\"s\":300")]
    [InlineData("\"own_session\":true")]
    [InlineData("\"orphan\":true")]
    public async Task A_timeout_ends_the_process_and_all_it_started(string how)
    {
        await using var whisk = await TestWhisk.StartAsync();
        await whisk.DeployAsync("slow", WithChild, more: """ "limits":{"timeout":1000} """);
        var file = Path.Combine(whisk.Directory, "pids");
        var reply = await whisk.CallAsync("slow", Args(file, how));
        Assert.Equal(502, reply.Status);
        var response = reply.Json.GetProperty("response");
        Assert.Equal("action developer error", response.GetProperty("status").GetString());
        Assert.Equal("The action exceeded its time limits of 1000 milliseconds.", response.GetProperty("result").GetProperty("error").GetString());
        var record = await whisk.RecordAsync(reply.ActivationId!);
        Assert.True(record.GetProperty("annotations").EnumerateArray().Single(a => a.GetProperty("key").GetString() == "timeout").GetProperty("value").GetBoolean());
        Assert.InRange(record.GetProperty("duration").GetInt64(), 1000, 20_000);
        foreach (var pid in await PidsAsync(file))
            await Machine.GoneAsync(pid);
    }

    [Theory]
    [InlineData("\"crash\":true")]
    [InlineData("\"bad\":true")]
    [InlineData("\"crash\":true,\"orphan\":true")]
    public async Task A_developer_error_ends_the_process_and_all_it_started(string how)
    {
        await using var whisk = await TestWhisk.StartAsync();
        await whisk.DeployAsync("crash", WithChild);
        var file = Path.Combine(whisk.Directory, "pids");
        Assert.Equal(502, (await whisk.CallAsync("crash", Args(file, how))).Status);
        foreach (var pid in await PidsAsync(file))
            await Machine.GoneAsync(pid);
    }

    [Fact]
    public async Task A_slow_initialisation_times_out_on_its_own()
    {
        await using var whisk = await TestWhisk.StartAsync();
        await whisk.DeployAsync("slow-init", "import time\nprint('loading', flush=True)\ntime.sleep(300)\ndef main(args):\n    return {}\n", more: """ "limits":{"timeout":700} """);
        var reply = await whisk.CallAsync("slow-init");
        Assert.Equal("The action exceeded its time limits of 700 milliseconds during initialization.", reply.Json.GetProperty("response").GetProperty("result").GetProperty("error").GetString());
        Assert.EndsWith("stdout: loading", (await whisk.LogsAsync(reply.ActivationId!))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blocked_node_action_times_out_with_its_children()
    {
        await using var whisk = await TestWhisk.StartAsync();
        await whisk.DeployAsync("blocked", "function main(args) { require('child_process').execFileSync('sh', ['-c', `echo ${process.pid} $$ > ${args.file}; sleep 300`]); }", "nodejs:default", more: """ "limits":{"timeout":1500} """);
        var file = Path.Combine(whisk.Directory, "pids");
        Assert.Contains("time limits of 1500", (await whisk.CallAsync("blocked", $$"""{"file":"{{file}}"}""", "?blocking=true&result=true")).Error, StringComparison.Ordinal);
        foreach (var pid in await PidsAsync(file))
            await Machine.GoneAsync(pid);
    }

    [Fact]
    public async Task A_process_that_dies_between_calls_is_replaced_unnoticed()
    {
        await using var whisk = await TestWhisk.StartAsync(o => o with { MaxProcesses = 1 });
        await whisk.DeployAsync("mortal", "import os, threading\ndef main(args):\n    if args.get('die'):\n        threading.Timer(0.05, lambda: os._exit(1)).start()\n    return {'pid': os.getpid()}\n");
        var pid = Result(await whisk.CallAsync("mortal", """{"die":true}""")).GetProperty("pid").GetInt32();
        await Machine.GoneAsync(pid);
        Assert.NotEqual(pid, Result(await whisk.CallAsync("mortal")).GetProperty("pid").GetInt32());
    }

    [Fact]
    public async Task Forked_children_of_an_action_disturb_nothing()
    {
        await using var whisk = await TestWhisk.StartAsync();
        await whisk.DeployAsync("fork", """
            import multiprocessing, os
            def work(n):
                print(f"child {n}", flush=True)
                return n * n
            def main(args):
                if os.fork() == 0:
                    return {'from': 'child'}
                with multiprocessing.get_context('fork').Pool(2) as pool:
                    return {'squares': pool.map(work, range(4))}
            """);
        for (var i = 0; i < 3; i++)
        {
            var reply = await whisk.CallAsync("fork");
            Assert.Equal("[0,1,4,9]", Result(reply).GetProperty("squares").GetRawText());
            Assert.Equal(4, (await whisk.LogsAsync(reply.ActivationId!)).Count(l => l.Contains("stdout: child ", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Stdin_of_an_action_is_empty()
    {
        await using var whisk = await TestWhisk.StartAsync();
        await whisk.DeployAsync("stdin", "import subprocess, sys\ndef main(args):\n    return {'read': sys.stdin.read(), 'cat': subprocess.run(['cat'], capture_output=True, text=True).stdout}\n");
        Assert.Equal("""{"read":"","cat":""}""", Result(await whisk.CallAsync("stdin")).GetRawText());
    }

    [Fact]
    public async Task Stopping_the_server_ends_everything_at_once()
    {
        var directory = TestWhisk.NewDirectory();
        var whisk = await TestWhisk.StartAsync(o => o, directory);
        await whisk.DeployAsync("long", WithChild);
        var file = Path.Combine(directory, "pids");
        var blocked = whisk.CallAsync("long", Args(file, "\"own_session\":true"));
        var pids = await PidsAsync(file);
        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        await whisk.Server.DisposeAsync();
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 10);
        foreach (var pid in pids)
            await Machine.GoneAsync(pid);
        (await blocked).IsRefusal(503, "currently unavailable");
        await whisk.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_killed_server_leaves_no_processes_behind_however_busy()
    {
        var directory = TestWhisk.NewDirectory();
        var pids = new List<int>();
        using (var server = await ServerProcess.StartAsync(directory))
        {
            async Task StartAsync(string name, string kind, string code)
            {
                var file = Path.Combine(directory, name);
                using var put = await server.Http.PutAsync($"{TestWhisk.Api}/actions/{name}", Json(new { exec = new { kind, code } }));
                Assert.Equal(200, (int)put.StatusCode);
                using var post = await server.Http.PostAsync($"{TestWhisk.Api}/actions/{name}", Json(new { file }));
                Assert.Equal(202, (int)post.StatusCode);
                pids.AddRange(await PidsAsync(file));
            }

            await StartAsync("py", "python:3", WithChild);
            await StartAsync("js", "nodejs:default", "function main(args) { require('child_process').execFileSync('sh', ['-c', `echo ${process.pid} $$ > ${args.file}; sleep 300`]); }");
            Assert.All(pids, pid => Assert.True(Machine.IsAlive(pid)));
            await server.KillAsync();
            foreach (var pid in pids)
                await Machine.GoneAsync(pid);
        }
        Directory.Delete(directory, recursive: true);
    }

    private static StringContent Json(object value) => new(JsonSerializer.Serialize(value), System.Text.Encoding.UTF8, "application/json");
}
