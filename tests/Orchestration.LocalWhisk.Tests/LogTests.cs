using System.Globalization;
using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests;

/// <summary>Logs: complete before the record is there, in order, and no way to disturb results.</summary>
public sealed class LogTests(SharedWhisk shared)
{
    private readonly TestWhisk _whisk = shared.Whisk;

    private async Task<IReadOnlyList<string>> RunAsync(string body, string more = "\"publish\":false")
    {
        var name = $"log-{Guid.NewGuid():N}";
        await _whisk.DeployAsync(name, "import os, subprocess, sys, time\ndef main(args):\n" + string.Concat(body.Split('\n').Select(l => $"    {l}\n")) + "    return {'ok': 1}\n", more: more);
        var reply = await _whisk.CallAsync(name);
        Assert.True(reply.Status == 200, reply.Text);
        Assert.Equal("""{"ok":1}""", reply.Json.GetProperty("response").GetProperty("result").GetRawText());
        return await _whisk.LogsAsync(reply.ActivationId!);
    }

    [Fact]
    public async Task Lines_have_time_and_stream_and_both_streams_are_merged_in_order()
    {
        var logs = await RunAsync("for i in range(3):\n    print(f'out {i}')\n    time.sleep(0.1)\n    print(f'err {i}', file=sys.stderr)\n    time.sleep(0.1)");
        Assert.Equal(["stdout: out 0", "stderr: err 0", "stdout: out 1", "stderr: err 1", "stdout: out 2", "stderr: err 2"], logs.Select(l => l[31..]));
        var times = logs.Select(l => DateTimeOffset.Parse(l[..28], CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(times.Order(), times);
        Assert.All(logs, l => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (stdout|stderr): ", l));
    }

    [Fact]
    public async Task Ten_thousand_lines_are_all_there_in_order()
    {
        var logs = await RunAsync("for i in range(10000): print(i)");
        Assert.Equal(Enumerable.Range(0, 10_000).Select(i => $"stdout: {i}"), logs.Select(l => l[31..]));
    }

    [Fact]
    public async Task What_child_processes_print_is_there()
    {
        var logs = await RunAsync("print('before')\nsubprocess.run(['sh', '-c', 'echo out; echo err >&2'])\nprint('after')");
        Assert.Equal(["after", "before", "err", "out"], logs.Select(l => l[39..]).Order(StringComparer.Ordinal));
        Assert.Equal(["stdout: before", "stdout: out", "stdout: after"], logs.Select(l => l[31..]).Where(l => l.StartsWith("stdout", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_looks_like_the_servers_own_talk_is_just_text()
    {
        var logs = await RunAsync(
            "print('XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX')\nprint('{\"error\": \"no\"}')\nos.write(1, b'\\x00\\x00\\x00\\x05R{\"a\"\\n')\nos.write(2, b'R{}\\n')\nos.write(1, b'bad \\xff utf8\\n')\nos.write(1, b'no line end')");
        Assert.Equal(
            ["stdout: XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX", "stdout: {\"error\": \"no\"}", "stdout: \0\0\0\u0005R{\"a\"", "stdout: bad \ufffd utf8", "stdout: no line end"],
            logs.Select(l => l[31..]).Where(l => l.StartsWith("stdout", StringComparison.Ordinal)));
        Assert.Single(logs, l => l.EndsWith("stderr: R{}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Closed_or_replaced_streams_disturb_no_result()
    {
        // Without the end mark the log is waited for a while, then the record says so.
        var logs = await RunAsync("print('first')\nsys.stdout = None\nos.close(1)");
        Assert.EndsWith("stdout: first", logs[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_call_has_its_own_lines()
    {
        await _whisk.DeployAsync("log-own", "print('loaded')\ndef main(args):\n    print(args['n'])\n    return {}\n");
        var replies = new List<Reply>();
        for (var i = 0; i < 20; i++)
            replies.Add(await _whisk.CallAsync("log-own", $$"""{"n":{{i}}}"""));
        for (var i = 0; i < 20; i++)
        {
            var logs = (await _whisk.LogsAsync(replies[i].ActivationId!)).Select(l => l[31..]).Where(l => l != "stdout: loaded");
            Assert.Equal([$"stdout: {i}"], logs);
        }
    }

    [Fact]
    public async Task Beyond_the_limit_a_last_line_says_so()
    {
        var logs = await RunAsync("for i in range(30): print('x' * 99999)", """ "limits":{"logs":1} """);
        Assert.Equal(11, logs.Count);
        Assert.EndsWith("Logs were truncated because the total bytes size exceeds the limit of 1048576 bytes.", logs[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_limit_of_nothing_collects_nothing() =>
        Assert.Empty(await RunAsync("print('x')", """ "limits":{"logs":0} """));

    [Fact]
    public async Task A_line_of_megabytes_is_cut_into_pieces()
    {
        var logs = await RunAsync("print('y' * 3000000)");
        Assert.Equal(3_000_000, logs.Sum(l => l.Length - 39));
        Assert.InRange(logs.Count, 2, 10);
    }
}
