using Orchestration.Host.Tests.Support;
using Orchestration.LocalWhisk;

namespace Orchestration.Host.Tests.Commands;

/// <summary><c>dev</c> in one terminal and <c>run</c> in another, on one data directory.</summary>
public sealed class DevAndRunTests : Workplace
{
    private const string Another = "23bc46b1-71f6-4ed5-8c54-816aa4f8c502:another";

    [Fact]
    public async Task A_run_uses_the_OpenWhisk_and_the_object_store_of_the_dev_beside_it()
    {
        await using var dev = HostProcess.Start(Folder, "dev", "--port", "0", "--object-store", $"file:{PathOf("objects")}");
        await dev.WaitForLineAsync("Ctrl-C stops it");
        Write("put.txt", "something");

        var result = (await RunAsync("run", HelloWorkflow, "-p", "input=Ada", "--put", "in/put.txt=put.txt", "--json")).MustExitWith(0);

        Assert.Contains($"of the dev that runs in process {dev.Id}", result.Errors, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(PathOf("objects"), "in", "put.txt")));

        dev.Signal("TERM");
        (await dev.WaitAsync()).MustExitWith(0);
        Assert.False(File.Exists(DevFile));
        var own = (await RunAsync("run", HelloWorkflow, "--json")).MustExitWith(0);
        Assert.DoesNotContain("of the dev", own.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_its_user_can_read_where_a_dev_is_and_one_that_was_killed_counts_as_none()
    {
        await using (var dev = HostProcess.Start(Folder, "dev", "--port", "0"))
        {
            await dev.WaitForLineAsync("Ctrl-C stops it");
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(DevFile));
            dev.Kill();
            await dev.WaitAsync();
        }
        Assert.True(File.Exists(DevFile));

        var result = (await RunAsync("run", HelloWorkflow, "--json")).MustExitWith(0);

        Assert.DoesNotContain("of the dev", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_work_beside_a_dev_is_refused()
    {
        await using var dev = HostProcess.Start(Folder, "dev", "--port", "0");
        await dev.WaitForLineAsync("Ctrl-C stops it");

        var second = (await RunAsync("dev", "--port", "0")).MustExitWith(1);
        Assert.Contains($"The process {dev.Id} is a dev in", second.Errors, StringComparison.Ordinal);
        var auth = (await RunAsync("run", HelloWorkflow, "--auth", Another)).MustExitWith(2);
        Assert.Contains($"--auth: the dev that runs in process {dev.Id} has other credentials", auth.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Another, auth.All, StringComparison.Ordinal);
        Assert.DoesNotContain(LocalWhiskOptions.GuestAuth, auth.All, StringComparison.Ordinal);
        var store = (await RunAsync("run", HelloWorkflow, "--object-store", $"file:{PathOf("elsewhere")}")).MustExitWith(2);
        Assert.Contains($"start dev with --object-store file:{PathOf("elsewhere")}", store.Errors, StringComparison.Ordinal);
    }

    private string DevFile => Path.Combine(PathOf(".orchestration"), "dev.json");
}
