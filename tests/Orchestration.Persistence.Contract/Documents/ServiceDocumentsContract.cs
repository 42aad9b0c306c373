using Orchestration.Core.Ports;

namespace Orchestration.Persistence.Contract;

/// <summary>What is asked of whatever keeps the texts of a service.</summary>
public abstract class ServiceDocumentsContract
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Opens the texts; a second time those that the first left.</summary>
    protected abstract IServiceDocuments Open();

    [Fact]
    public async Task What_was_put_is_found_in_place_of_what_was_there_also_by_the_next_process()
    {
        var documents = Open();
        Assert.Null(await documents.FindAsync("workflows", "a", Token));
        await documents.PutAsync("workflows", "a", "first", Token);
        await documents.PutAsync("workflows", "a", "second: “äöü”\n", Token);
        Assert.Equal("second: “äöü”\n", await documents.FindAsync("workflows", "a", Token));
        Assert.Equal("second: “äöü”\n", await Open().FindAsync("workflows", "a", Token));
        Assert.Null(await documents.FindAsync("starts", "a", Token));
    }

    [Fact]
    public async Task Names_are_listed_by_kind_in_order()
    {
        var documents = Open();
        foreach (var name in new[] { "b", "a.x", "B" })
            await documents.PutAsync("workflows", name, name, Token);
        await documents.PutAsync("starts", "c", "c", Token);
        Assert.Equal(["B", "a.x", "b"], await documents.ListAsync("workflows", Token));
        Assert.Empty(await documents.ListAsync("others", Token));
    }

    [Fact]
    public async Task Of_many_that_add_at_once_one_is_first_and_all_see_its_text()
    {
        var documents = Open();
        var seen = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => documents.AddOrFindAsync("starts", "key", $"text {i}", Token))));
        Assert.Single(seen.Distinct());
        Assert.Equal(seen[0], await documents.FindAsync("starts", "key", Token));
    }

    [Fact]
    public async Task What_was_removed_is_gone_and_only_once()
    {
        var documents = Open();
        await documents.PutAsync("workflows", "a", "text", Token);
        Assert.True(await documents.RemoveAsync("workflows", "a", Token));
        Assert.False(await documents.RemoveAsync("workflows", "a", Token));
        Assert.Null(await documents.FindAsync("workflows", "a", Token));
        Assert.Equal("again", await documents.AddOrFindAsync("workflows", "a", "again", Token));
    }
}
