using System.Text.Json;
using Orchestration.Persistence.Sqlite.Tests.Support;

namespace Orchestration.Persistence.Sqlite.Tests.DataDirectories;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Creates_what_is_missing_of_the_path()
    {
        var path = _temporary.PathOf("a/b");
        using var directory = DataDirectory.Open(path);
        Assert.True(Directory.Exists(path));
        Assert.Equal(path, directory.FullPath);
        Assert.Equal(Path.Combine(path, "x.db"), directory.PathOf("x.db"));
    }

    [Fact]
    public void A_relative_path_is_taken_from_the_working_folder()
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, _temporary.FullPath) + Path.DirectorySeparatorChar;
        using var directory = DataDirectory.Open(relative);
        Assert.Equal(_temporary.FullPath, directory.FullPath);
    }

    [Fact]
    public void Says_in_the_directory_who_holds_it()
    {
        var before = DateTimeOffset.UtcNow;
        using var directory = DataDirectory.Open(_temporary.FullPath);
        using var json = JsonDocument.Parse(File.ReadAllText(_temporary.PathOf("owner.json")));
        Assert.Equal(Environment.ProcessId, json.RootElement.GetProperty("pid").GetInt32());
        Assert.Equal(Environment.MachineName, json.RootElement.GetProperty("host").GetString());
        Assert.InRange(json.RootElement.GetProperty("since").GetDateTimeOffset(), before, DateTimeOffset.UtcNow);
        Assert.Equal(Environment.ProcessId, DataDirectory.ReadOwner(_temporary.FullPath)?.Pid);
    }

    [Fact]
    public void Has_no_owner_before_its_first_use() => Assert.Null(DataDirectory.ReadOwner(_temporary.FullPath));

    [Fact]
    public async Task A_second_process_is_refused_and_told_who_holds_it()
    {
        using var child = Child.Start("hold", _temporary.FullPath);
        Assert.Equal("held", await child.ReadLineAsync());
        var e = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(_temporary.FullPath));
        Assert.Equal(_temporary.FullPath, e.Directory);
        Assert.Contains($"'{_temporary.FullPath}' is in use by process {child.Pid} on {Environment.MachineName} since ", e.Message, StringComparison.Ordinal);
        Assert.Contains("Stop that process, or use another --data-dir.", e.Message, StringComparison.Ordinal);
        await child.EndInputAsync();
        using var directory = DataDirectory.Open(_temporary.FullPath);
    }

    [Fact]
    public async Task What_a_killed_process_left_is_no_obstacle()
    {
        using var child = Child.Start("hold", _temporary.FullPath);
        Assert.Equal("held", await child.ReadLineAsync());
        await child.KillAsync();
        using var directory = DataDirectory.Open(_temporary.FullPath);
        Assert.Equal(Environment.ProcessId, DataDirectory.ReadOwner(_temporary.FullPath)?.Pid);
    }

    [Fact]
    public async Task Is_held_until_the_last_of_the_process_lets_it_go()
    {
        var first = DataDirectory.Open(_temporary.FullPath);
        var second = DataDirectory.Open(_temporary.FullPath);
        first.Dispose();
        first.Dispose();
        using (var refused = Child.Start("hold", _temporary.FullPath))
        {
            Assert.StartsWith("refused: ", await refused.ReadLineAsync(), StringComparison.Ordinal);
            Assert.Equal(1, await refused.ExitCodeAsync());
        }

        second.Dispose();
        using var child = Child.Start("hold", _temporary.FullPath);
        Assert.Equal("held", await child.ReadLineAsync());
    }

    [Fact]
    public void A_file_in_its_place_is_refused()
    {
        var path = _temporary.PathOf("file");
        File.WriteAllText(path, "");
        Assert.Equal(
            $"The data directory '{path}' is a file. Use another --data-dir.",
            Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(path)).Message);
    }

    [Fact]
    public void A_path_through_a_file_is_refused()
    {
        File.WriteAllText(_temporary.PathOf("file"), "");
        var path = _temporary.PathOf("file/below");
        var e = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(path));
        Assert.StartsWith($"The data directory '{path}' cannot be created: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_cannot_be_written_is_refused()
    {
        using var readOnly = new ReadOnlyDirectory();
        var e = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(readOnly.FullPath));
        Assert.StartsWith($"The data directory '{readOnly.FullPath}' cannot be written: ", e.Message, StringComparison.Ordinal);
        Assert.EndsWith("Make it writable, or use another --data-dir.", e.Message, StringComparison.Ordinal);
    }
}
