using System.Net;
using System.Net.Sockets;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Terminals;
using Orchestration.Host.Tests.Support;
using Orchestration.Tests.Services;

namespace Orchestration.Host.Tests.Storage;

/// <summary>How a database is chosen, what is said when it cannot be used, and that credentials are never printed.</summary>
public sealed class MongoDbStorageTests(SharedMongo mongo) : Workplace
{
    private const string Password = "pa55word";

    [Theory]
    [InlineData("mongo://user:pa55word@example.org", "'mongo://***@example.org' names no database")]
    [InlineData("mysql", "'mysql' names no database. Give sqlite")]
    [InlineData("mongodb://user:pa55@word@example.org", "mongodb://[USER:PASSWORD@]HOST")]
    [InlineData("mongodb://user:pa55word@example.org:port/x", "'mongodb://***@example.org:port/x' is no connection string")]
    public async Task What_names_no_database_is_refused_before_anything_starts(string database, string expected)
    {
        foreach (var result in new[] { await RunAsync("runs", "list", "--database", database), await RunOnAsync(database, "run", HelloWorkflow) })
        {
            result.MustExitWith(2);
            Assert.Contains(expected, result.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain("pa55", result.All, StringComparison.Ordinal);
        }
        Assert.False(Directory.Exists(PathOf(".orchestration")));
    }

    [Theory]
    [InlineData("run")]
    [InlineData("list")]
    [InlineData("show")]
    [InlineData("resume")]
    public async Task Every_command_says_that_no_server_is_there(string command)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        var result = await RunOnAsync($"mongodb://user:{Password}@127.0.0.1:{port}/runs", Arguments(command));

        Assert.Contains($"MongoDB at mongodb://***@127.0.0.1:{port}/runs cannot be reached", result.MustExitWith(1).Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, result.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("list")]
    [InlineData("show")]
    [InlineData("resume")]
    public async Task Every_command_says_that_a_server_never_answers(string command)
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        var result = await RunOnAsync($"mongodb://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/runs", Arguments(command));

        Assert.Contains("cannot be reached", result.MustExitWith(1).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_credentials_are_told_and_never_shown()
    {
        await using var server = await MongoServer.StartOwnAsync();
        var database = server.Of("runs").Replace("mongodb://", $"mongodb://user:{Password}@", StringComparison.Ordinal);

        foreach (var result in new[] { await RunOnAsync(database, "run", HelloWorkflow, "--verbose"), await RunAsync("runs", "list", "--database", database) })
        {
            Assert.Equal(1, result.ExitCode);
            Assert.Contains("refused the credentials", result.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain(Password, result.All, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_the_right_to_make_indexes_a_run_says_so_or_does_without()
    {
        await using var server = await MongoServer.StartOwnAsync("--deny", "createIndexes");

        var refused = (await RunOnAsync(server.Of("runs"), "run", HelloWorkflow)).MustExitWith(1);
        Assert.Contains("no right to create indexes", refused.Errors, StringComparison.Ordinal);

        var settings = new Dictionary<string, string>(Environment(server.Of("runs"))) { ["Orchestration__CreateIndexes"] = "false" };
        (await HostProcess.RunAsync(Folder, settings, "run", HelloWorkflow)).MustExitWith(0);
    }

    [Fact]
    public async Task A_connection_string_that_stands_in_the_wrong_place_is_not_repeated()
    {
        var result = (await RunAsync("runs", "list", $"mongodb://user:{Password}@example.org")).MustExitWith(2);

        Assert.Contains("mongodb://***@example.org", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, result.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mongodb://example.org/runs", "--database", "runs resume 1 --database mongodb://example.org/runs --data-dir /data")]
    [InlineData("mongodb://user:pa55word@example.org/runs", "--database", "runs resume 1 --database \"${Orchestration__Database:?}\" --data-dir /data")]
    [InlineData("mongodb://example.org/runs?tlsCertificateKeyFilePassword=pa55word", "--database", "runs resume 1 --database \"${Orchestration__Database:?}\" --data-dir /data")]
    [InlineData("mongodb://user:pa55word@example.org/runs", "Orchestration__Database in the environment", "runs resume 1 --data-dir /data")]
    public void A_printed_command_finds_the_database_without_telling_a_secret(string database, string source, string expected)
    {
        var storage = RunStorage.Of(new HostSettings { DataDirectory = "/data", Database = new Given(database, source) });

        Assert.EndsWith(expected, CommandName.Runs("resume 1", storage), StringComparison.Ordinal);
        Assert.DoesNotContain(Password, storage.Name, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mongodb://example.org", "mongodb://example.org:27017/openwhisk")]
    [InlineData("mongodb://user:pa55word@example.org/?tls=true", "mongodb://***@example.org:27017/openwhisk")]
    [InlineData("mongodb://example.org/runs", "mongodb://example.org:27017/runs")]
    public void Without_a_name_the_database_is_that_of_the_old_system(string database, string name) =>
        Assert.Equal(name, RunStorage.Of(new HostSettings { DataDirectory = "/data", Database = new Given(database, "--database") }).Name);

    [Fact]
    public async Task Objects_and_the_local_OpenWhisk_stay_in_the_data_directory()
    {
        (await RunOnAsync(mongo.Server.NewDatabase(), "run", HelloWorkflow)).MustExitWith(0);

        Assert.True(Directory.Exists(PathOf(".orchestration/whisk")));
        Assert.False(File.Exists(PathOf(".orchestration/journal.db")));
        Assert.False(File.Exists(PathOf(".orchestration/catalog.db")));
    }

    private static string[] Arguments(string command) => command switch
    {
        "run" => ["run", HelloWorkflow],
        "list" => ["runs", "list"],
        _ => ["runs", command, "6b07d7da999ab23560354cc1"],
    };
}
