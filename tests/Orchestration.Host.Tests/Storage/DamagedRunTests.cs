using Microsoft.Data.Sqlite;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Storage;

/// <summary>A run whose stored rows are damaged is shown as such, disturbs no other, and can be removed.</summary>
public sealed class DamagedRunTests : Workplace
{
    private string DataDirectory => PathOf(".orchestration");

    [Theory]
    [InlineData("UPDATE event SET payload = x'7b7d' WHERE sequence_nr = 2 AND persistence_id = 'orchestration-' || $0", "The stored facts cannot be read")]
    [InlineData("DELETE FROM event WHERE sequence_nr = 2 AND persistence_id = 'orchestration-' || $0", "row 2 of its journal is missing.")]
    [InlineData("DELETE FROM event WHERE sequence_nr = 1 AND persistence_id = 'orchestration-' || $0", "row 1 of its journal is missing.")]
    public async Task It_is_listed_and_refused_with_what_is_wrong_and_can_be_removed(string damage, string told)
    {
        var id = await CompleteAsync();
        var sound = await CompleteAsync();
        Change("journal.db", damage, id);
        // As if it had been damaged before its end.
        Change("catalog.db", "UPDATE runs SET status = 'running', finished_at = NULL WHERE orch_id = $0", id);

        var listed = (await RunAsync("runs", "list", "--json")).MustExitWith(0).Json().GetProperty("runs").EnumerateArray().ToList();
        // Of a damaged one only the second of its start is known, so two of one second have no order.
        Assert.Equivalent(new[] { (sound, "completed"), (id, "damaged") }, listed.Select(r => (r.GetProperty("orchId").GetString()!, r.GetProperty("status").GetString()!)).ToArray(), strict: true);
        Assert.StartsWith(told, listed.Single(r => r.GetProperty("status").GetString() == "damaged").GetProperty("error").GetString(), StringComparison.Ordinal);
        var shown = (await RunAsync("runs", "list", "--status", "damaged")).MustExitWith(0);
        Assert.Contains($"{id} is damaged: {told}", shown.Errors, StringComparison.Ordinal);
        foreach (var command in new[] { "show", "resume" })
            Assert.Contains(told, (await RunAsync("runs", command, id)).MustExitWith(1).Errors, StringComparison.Ordinal);

        Assert.Equal([sound], await PruneAsync("--dry-run"));
        Assert.Equal(new[] { sound, id }.Order(), (await PruneAsync("--include-damaged")).Order());
        Assert.Empty((await RunAsync("runs", "list", "--json")).MustExitWith(0).Json().GetProperty("runs").EnumerateArray());
    }

    [Fact]
    public async Task What_the_catalog_alone_knows_is_another_journals_and_not_damaged()
    {
        var id = await CompleteAsync();
        Change("catalog.db", "UPDATE runs SET orch_id = '000000000000000000000001', status = 'running', finished_at = NULL WHERE orch_id = $0", id);

        var listed = Assert.Single((await RunAsync("runs", "list", "--json")).MustExitWith(0).Json().GetProperty("runs").EnumerateArray());
        Assert.Equal((id, "completed"), (listed.GetProperty("orchId").GetString(), listed.GetProperty("status").GetString()));
        Assert.Contains("There is no run", (await RunAsync("runs", "show", "000000000000000000000001")).MustExitWith(2).Errors, StringComparison.Ordinal);
    }

    private async Task<string> CompleteAsync() => (await RunAsync("run", HelloWorkflow, "--json")).MustExitWith(0).Json().GetProperty("orchId").GetString()!;

    private async Task<IEnumerable<string>> PruneAsync(string option) =>
        (await RunAsync("runs", "prune", "--older-than", "0s", option, "--json")).MustExitWith(0).Json().GetProperty("removed").EnumerateArray().Select(r => r.GetProperty("orchId").GetString()!);

    private void Change(string file, string sql, string id)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(DataDirectory, file)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$0", id);
        Assert.Equal(1, command.ExecuteNonQuery());
    }
}
