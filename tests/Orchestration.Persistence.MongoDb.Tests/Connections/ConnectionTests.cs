using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Akka.Persistence;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using MongoDB.Driver;
using Orchestration.Persistence.MongoDb.Tests.Support;
using Orchestration.Tests.Services;

namespace Orchestration.Persistence.MongoDb.Tests.Connections;

public sealed class ConnectionTests
{
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("mongodb://user:pa55word@example.org:27018/runs?authSource=admin", "mongodb://***@example.org:27018/runs")]
    [InlineData("mongodb://example.org/runs", "mongodb://example.org:27017/runs")]
    [InlineData("mongodb://user:pa55@word@example.org/runs?x=y", "mongodb://***@example.org/runs")]
    [InlineData("mongodb://user:pa55/word@example.org", "mongodb://***@example.org")]
    [InlineData("no connection string", "no connection string")]
    public void A_connection_string_is_shown_without_credentials(string text, string shown) => Assert.Equal(shown, MongoConnection.Redact(text));

    [Theory]
    [InlineData("mongodb://user:pa55@word@example.org/runs")]
    [InlineData("http://example.org")]
    public void A_bad_connection_string_is_refused_without_showing_the_password(string text)
    {
        var e = Assert.Throws<MongoStorageException>(() => MongoConnection.Of(text));
        Assert.Contains("mongodb://[USER:PASSWORD@]HOST", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("pa55", e.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mongodb://example.org", "mongodb://example.org/runs")]
    [InlineData("mongodb://example.org/?tls=true", "mongodb://example.org/runs?tls=true")]
    [InlineData("mongodb://example.org/other", "mongodb://example.org/other")]
    [InlineData("mongodb://user:word@example.org/", "mongodb://user:word@example.org/runs?authSource=admin")]
    [InlineData("mongodb://user:word@example.org/?authSource=people", "mongodb://user:word@example.org/runs?authSource=people")]
    public void A_database_is_named_where_none_is_and_nobody_else_logs_in(string text, string expected) =>
        Assert.Equal(MongoUrl.Create(expected), MongoUrl.Create(MongoConnection.WithDatabase(text, "runs")));

    [Fact]
    public void The_same_string_gives_the_same_client() =>
        Assert.Same(MongoConnection.Of("mongodb://localhost:1/a").Client, MongoConnection.Of("mongodb://localhost:1/a").Client);

    [Fact]
    public async Task A_server_that_is_not_there_is_told_in_time()
    {
        var port = FreePort();
        var (message, time) = await FailAsync($"mongodb://user:pa55word@127.0.0.1:{port}/runs");
        Assert.Contains($"MongoDB at mongodb://***@127.0.0.1:{port}/runs cannot be reached: Connection refused", message, StringComparison.Ordinal);
        Assert.InRange(time, TimeSpan.Zero, Promised);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_told_in_time()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var (message, time) = await FailAsync($"mongodb://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/runs");
        Assert.Contains("cannot be reached", message, StringComparison.Ordinal);
        Assert.InRange(time, TimeSpan.Zero, Promised);
    }

    [Fact]
    public async Task Wrong_credentials_are_told_in_time_and_not_shown()
    {
        await using var server = await MongoServer.StartOwnAsync();
        var (message, time) = await FailAsync(server.Of("runs").Replace("mongodb://", "mongodb://user:pa55word@", StringComparison.Ordinal));
        Assert.Contains("refused the credentials", message, StringComparison.Ordinal);
        Assert.DoesNotContain("pa55word", message, StringComparison.Ordinal);
        Assert.InRange(time, TimeSpan.Zero, Promised);
    }

    [Fact]
    public async Task Missing_rights_to_make_indexes_are_told_by_every_call()
    {
        await using var server = await MongoServer.StartOwnAsync("--deny", "createIndexes");
        await using var stored = new StoredSystem(server.NewDatabase());
        for (var i = 0; i < 2; i++)
        {
            var failed = await stored.Write("pid", 1).ExpectMsgAsync<WriteMessagesFailed>(Promised);
            Assert.Contains("no right to create indexes", failed.Cause.Message, StringComparison.Ordinal);
            Assert.Contains("auto-initialize = off", failed.Cause.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_health_check_pings_with_the_client_in_use()
    {
        var server = await MongoServer.StartOwnAsync();
        await using (server)
        {
            var check = new MongoHealthCheck(MongoConnection.Of(server.Of("runs")));
            var context = new HealthCheckContext { Registration = new HealthCheckRegistration("mongodb", check, HealthStatus.Degraded, []) };
            Assert.Equal(HealthStatus.Healthy, (await check.CheckHealthAsync(context)).Status);
            await server.KillAsync();
            var sick = await check.CheckHealthAsync(context);
            Assert.Equal(HealthStatus.Degraded, sick.Status);
            Assert.Contains("cannot be reached", sick.Description, StringComparison.Ordinal);
            await server.StartAgainAsync();
            Assert.Equal(HealthStatus.Healthy, (await check.CheckHealthAsync(context)).Status);
        }
    }

    private static async Task<(string Message, TimeSpan Time)> FailAsync(string connectionString)
    {
        var watch = Stopwatch.StartNew();
        var e = await Assert.ThrowsAsync<MongoStorageException>(() => MongoConnection.Of(connectionString).PingAsync(CancellationToken.None));
        return (e.Message, watch.Elapsed);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
