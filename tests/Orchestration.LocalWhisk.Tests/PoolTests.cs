using Orchestration.LocalWhisk.Running;
using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests;

/// <summary>How long processes are kept, and how much memory they may hold.</summary>
public sealed class PoolTests
{
    [Fact]
    public async Task A_process_that_no_call_comes_for_is_ended()
    {
        await using var whisk = await TestWhisk.StartAsync(o => o with { MaxIdle = TimeSpan.FromMilliseconds(300) });
        await whisk.DeployAsync("env", Sources.Environment);
        var pid = (await whisk.CallAsync("env", "{}", "?blocking=true&result=true")).Json.GetProperty("pid").GetInt32();
        await Eventually.TrueAsync(() => Task.FromResult(!Directory.Exists($"/proc/{pid}")), "the process to be gone");
        Assert.NotEqual(pid, (await whisk.CallAsync("env", "{}", "?blocking=true&result=true")).Json.GetProperty("pid").GetInt32());
    }

    [Fact]
    public async Task Temporary_files_go_with_the_process_that_left_them()
    {
        await using var whisk = await TestWhisk.StartAsync();
        await whisk.DeployAsync("leaves", "import os, tempfile\ndef main(args):\n    return {'file': tempfile.mkstemp()[1], 'cwd': os.listdir('.')}\n");
        var result = (await whisk.CallAsync("leaves", "{}", "?blocking=true&result=true")).Json;
        var file = result.GetProperty("file").GetString()!;
        Assert.True(File.Exists(file));
        Assert.StartsWith(whisk.Directory, file, StringComparison.Ordinal);
        Assert.DoesNotContain(result.GetProperty("cwd").EnumerateArray(), name => name.GetString()!.Contains("tmp", StringComparison.Ordinal));
        await whisk.SendAsync(HttpMethod.Delete, $"{TestWhisk.Api}/actions/leaves");
        await Eventually.TrueAsync(() => Task.FromResult(!Directory.Exists(Path.GetDirectoryName(file))), "the temporary folder to be gone");
    }

    [Theory]
    [InlineData("data = bytearray(400 * 1024 * 1024)\n    time.sleep(30)")]
    [InlineData("subprocess.run([sys.executable, '-c', 'import time; data = bytearray(400 * 1024 * 1024); time.sleep(30)'])")]
    public async Task An_action_that_holds_more_memory_than_its_limit_is_ended_where_limits_are_enforced(string line)
    {
        await using var whisk = await TestWhisk.StartAsync(o => o with { EnforcesMemory = true });
        await whisk.DeployAsync("eats", $"import subprocess, sys, time\ndef main(args):\n    {line}\n    return {{}}\n");
        var reply = await whisk.CallAsync("eats");
        var response = reply.Json.GetProperty("response");
        Assert.Equal((502, "action developer error"), (reply.Status, response.GetProperty("status").GetString()));
        Assert.Equal("The action exhausted its memory and was aborted.", response.GetProperty("result").GetProperty("error").GetString());
    }

    [Fact]
    public async Task An_action_that_keeps_to_its_limit_goes_on()
    {
        await using var whisk = await TestWhisk.StartAsync(o => o with { EnforcesMemory = true });
        await whisk.DeployAsync("keeps", "import time\ndef main(args):\n    data = bytearray(100 * 1024 * 1024)\n    time.sleep(0.5)\n    return {'kept': len(data)}\n");
        Assert.Equal(200, (await whisk.CallAsync("keeps")).Status);
    }

    [Theory]
    [InlineData("7 (a) b) S 1 42 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 99 1000 321 18446744073709551615 1", 42, 321)]
    [InlineData("", 0, -1)]
    [InlineData("7 (python3) S 1 x", 0, -1)]
    public void The_line_of_a_process_is_read_whatever_its_name_is(string line, int group, long pages) => Assert.Equal(pages < 0 ? null : (group, pages), MemoryWatch.Read(line));
}
