using Orchestration.Core.Facts;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using static Orchestration.Persistence.Contract.CatalogRuns;

namespace Orchestration.Persistence.Contract;

/// <summary>What the port <see cref="ICatalog"/> promises.</summary>
public abstract class CatalogContract : IAsyncLifetime
{
    protected ICatalog Catalog { get; private set; } = null!;

    /// <summary>Opens the catalog; a second time within a test, after <see cref="CloseAsync"/>, the same one again.</summary>
    protected abstract Task<ICatalog> OpenAsync();

    /// <summary>Closes the catalog and keeps what it holds.</summary>
    protected abstract Task CloseAsync(ICatalog catalog);

    public async ValueTask InitializeAsync() => Catalog = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await CloseAsync(Catalog);
        await CleanUpAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Removes what the catalog holds.</summary>
    protected virtual ValueTask CleanUpAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task An_empty_catalog_has_no_runs_and_its_cursors_are_zero()
    {
        Assert.Empty(await ListAsync());
        Assert.Equal(0, await CursorAsync(0));
    }

    [Fact]
    public async Task Sums_up_a_completed_run()
    {
        await ApplyAsync(Batch(0, Completed()));
        Assert.Equal(
            new RunSummary(Id(0), "video", "completed", At(0, 0), At(0, 11), 2, 2, 0, 3, 1.5 + 4 + 1.5, null),
            Assert.Single(await ListAsync()));
        Assert.Equal(Completed().Length, await CursorAsync(0));
    }

    [Fact]
    public async Task Sums_up_a_failed_run()
    {
        await ApplyAsync(Batch(1, Failed(1)));
        Assert.Equal(
            new RunSummary(Id(1), "video", "failed", At(1, 0), At(1, 5), 1, 0, 1, 1, 2, "split failed"),
            Assert.Single(await ListAsync()));
    }

    [Fact]
    public async Task Sums_up_a_cancelled_run()
    {
        await ApplyAsync(Batch(2, Cancelled(2)));
        Assert.Equal(
            new RunSummary(Id(2), "video", "cancelled", At(2, 0), At(2, 5), 0, 0, 0, 0, 0, "by hand"),
            Assert.Single(await ListAsync()));
    }

    [Fact]
    public async Task Follows_a_run_commit_by_commit()
    {
        var commits = Completed();
        await ApplyAsync(Batch(0, commits[..2]));
        var run = Assert.Single(await ListAsync());
        Assert.Equal(new RunSummary(Id(0), "video", "running", At(0, 0), null, 2, 0, 0, 2, 0, null), run);
        Assert.Equal(2, await CursorAsync(0));

        await ApplyAsync(Batch(0, commits[2..4]));
        run = Assert.Single(await ListAsync());
        Assert.Equal((1, 0, 2, 5.5), (run.Succeeded, run.Failed, run.Attempts, run.ActionTime));
        Assert.Equal(4, await CursorAsync(0));
    }

    [Fact]
    public async Task Applying_again_changes_nothing()
    {
        var commits = Completed();
        await ApplyAsync(Batch(0, commits));
        var once = await ListAsync();
        await ApplyAsync(Batch(0, commits));
        await ApplyAsync(Batch(0, commits[2..4]));
        Assert.Equal(once, await ListAsync());
        Assert.Equal(commits.Length, await CursorAsync(0));
    }

    [Fact]
    public async Task A_range_that_overlaps_the_cursor_adds_what_is_new()
    {
        var commits = Completed();
        await ApplyAsync(Batch(0, commits[..3]));
        await ApplyAsync(Batch(0, commits[1..]));
        Assert.Equal(
            new RunSummary(Id(0), "video", "completed", At(0, 0), At(0, 11), 2, 2, 0, 3, 7, null),
            Assert.Single(await ListAsync()));
    }

    [Fact]
    public async Task A_range_that_does_not_join_the_cursor_is_refused_with_all_that_came_along()
    {
        var commits = Completed();
        await ApplyAsync(Batch(0, commits[..1]));
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => ApplyAsync(Batch(1, Failed(1)), Batch(0, commits[2..])));
        Assert.Contains(Id(0).Value, e.Message, StringComparison.Ordinal);
        Assert.Equal(1, await CursorAsync(0));
        Assert.Equal(0, await CursorAsync(1));
        Assert.Equal(Id(0), Assert.Single(await ListAsync()).Id);

        await ApplyAsync(Batch(1, Failed(1)), Batch(0, commits[1..]));
        Assert.Equal(["failed", "completed"], (await ListAsync()).Select(r => r.Status));
    }

    [Fact]
    public async Task Given_up_before_it_began_nothing_is_applied()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Catalog.ApplyAsync([Batch(0, Completed())], cancelled.Token));
        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task Lists_the_newest_first_and_no_more_than_asked()
    {
        await ApplyAsync([.. Enumerable.Range(0, 5).Select(i => Batch(i, Running(i)))]);
        Assert.Equal([Id(4), Id(3), Id(2), Id(1), Id(0)], (await ListAsync()).Select(r => r.Id));
        Assert.Equal([Id(4), Id(3)], (await ListAsync(new RunQuery(Limit: 2))).Select(r => r.Id));
        Assert.Empty(await ListAsync(new RunQuery(Limit: 0)));
    }

    [Fact]
    public async Task Finds_runs_by_name_status_and_the_beginning_of_their_id()
    {
        await ApplyAsync(Batch(0, Completed(0, "a")), Batch(1, Failed(1, "b")), Batch(2, Running(2, "a")), Batch(3, Completed(3, "b")));
        Assert.Equal([Id(2), Id(0)], (await ListAsync(new RunQuery(Name: "a"))).Select(r => r.Id));
        Assert.Equal([Id(3), Id(0)], (await ListAsync(new RunQuery(Status: "completed"))).Select(r => r.Id));
        Assert.Equal([Id(3)], (await ListAsync(new RunQuery(Name: "b", Status: "completed"))).Select(r => r.Id));
        Assert.Equal([Id(1)], (await ListAsync(new RunQuery(IdPrefix: Id(1).Value[..8].ToUpperInvariant()))).Select(r => r.Id));
        Assert.Equal(4, (await ListAsync(new RunQuery(IdPrefix: ""))).Count);
        Assert.Empty(await ListAsync(new RunQuery(IdPrefix: "%")));
        Assert.Empty(await ListAsync(new RunQuery(Name: "c")));
    }

    [Fact]
    public async Task Keeps_what_it_was_told_when_it_is_closed()
    {
        await ApplyAsync(Batch(0, Completed()));
        var before = await ListAsync();
        await CloseAsync(Catalog);
        Catalog = await OpenAsync();
        Assert.Equal(before, await ListAsync());
        Assert.Equal(Completed().Length, await CursorAsync(0));
    }

    [Fact]
    public async Task Knows_every_kind_of_fact()
    {
        var kinds = typeof(Fact).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Fact))).ToHashSet();
        var runs = new[] { Completed(), Failed(1), Cancelled(2), FailedFast(3), LostObjects(4), Retried(5), MadeByAnother(6) };
        Assert.Equal(kinds, runs.SelectMany(r => r).SelectMany(c => c.Commit.Facts).Select(f => f.GetType()).ToHashSet());
        await ApplyAsync([.. runs.Select((r, i) => Batch(i, r))]);
        Assert.Equal(7, (await ListAsync()).Count);
    }

    [Fact]
    public async Task Counts_actions_that_were_closed_without_running_as_failed()
    {
        await ApplyAsync(Batch(0, FailedFast(0)));
        var run = Assert.Single(await ListAsync());
        Assert.Equal(("completed", 3, 0, 3, 1), (run.Status, run.Actions, run.Succeeded, run.Failed, run.Attempts));
    }

    [Fact]
    public async Task A_run_that_is_retried_runs_again_and_its_actions_no_longer_count_as_failed()
    {
        var commits = Retried(0);
        await ApplyAsync(Batch(0, commits[..2]));
        Assert.Equal(("failed", 3, "all failed"), Assert.Single(await ListAsync()) is var failed ? (failed.Status, failed.Failed, failed.Error) : default);

        await ApplyAsync(Batch(0, commits[..3]));
        Assert.Equal(new RunSummary(Id(0), "video", "running", At(0, 0), null, 3, 0, 0, 1, 2, null), Assert.Single(await ListAsync()));

        await ApplyAsync(Batch(0, commits));
        Assert.Equal(new RunSummary(Id(0), "video", "completed", At(0, 0), At(0, 23), 3, 3, 0, 4, 5, null), Assert.Single(await ListAsync()));
    }

    [Fact]
    public async Task Counts_an_action_that_waited_for_objects_in_vain_as_failed_once()
    {
        await ApplyAsync(Batch(0, LostObjects(0)));
        var run = Assert.Single(await ListAsync());
        Assert.Equal(("failed", 3, 2, 1, 4), (run.Status, run.Actions, run.Succeeded, run.Failed, run.Attempts));
    }

    [Fact]
    public async Task Counts_a_re_run_that_another_orchestration_made_unnecessary_as_succeeded_without_an_attempt()
    {
        await ApplyAsync(Batch(0, MadeByAnother(0)));
        var run = Assert.Single(await ListAsync());
        Assert.Equal(("completed", 2, 2, 0, 2), (run.Status, run.Actions, run.Succeeded, run.Failed, run.Attempts));
    }

    [Fact]
    public async Task Finds_the_latest_orchestration_that_wrote_an_object()
    {
        var history = Assert.IsAssignableFrom<IObjectHistory>(Catalog);
        var (x, gone) = (ObjectKey.Parse("b/x"), ObjectKey.Parse("b/gone"));
        Assert.Empty(await history.FindWritersAsync([x, gone], CancellationToken.None));
        await ApplyAsync(Batch(1, LostObjects(1)));
        await ApplyAsync(Batch(0, LostObjects(0)));
        var writers = await history.FindWritersAsync([x, gone], CancellationToken.None);
        Assert.Equal(Id(1), Assert.Single(writers).Value.Orchestration);
    }

    [Fact]
    public async Task Takes_calls_from_many_sides_at_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => ApplyAsync(Batch(i, Completed(i)))));
        Assert.All(await ListAsync(), r => Assert.Equal(("completed", 2), (r.Status, r.Succeeded)));
        Assert.Equal(20, (await ListAsync()).Count);
    }

    protected Task ApplyAsync(params CatalogBatch[] batches) => Catalog.ApplyAsync(batches, CancellationToken.None);

    protected Task<IReadOnlyList<RunSummary>> ListAsync(RunQuery? query = null) => Catalog.ListRunsAsync(query ?? new RunQuery(), CancellationToken.None);

    private Task<long> CursorAsync(int run) => Catalog.GetCursorAsync(Id(run), CancellationToken.None);
}
