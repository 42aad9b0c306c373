using Orchestration.Actors.Hosting;
using Orchestration.Actors.Objects;
using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;
using Orchestration.Core.State;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>Items that come from the object store, and results that are written there.</summary>
public sealed class UsingTheObjectStore : OrchestrationScenario
{
    private readonly MemoryStore _store = new();
    private ItemsRequest _request = new("many", ItemKind.Lines, "in", "names.txt", false);
    private CollectRequest? _collect;

    protected override void Options(OrchestrationOptions options) => options.UseObjectStore(_ => _store).AddPipelines(new PlainPipelines(Next));

    // One step over the store's items, its results collected if the test wants that.
    private PipelineDecision Next(PipelineView view)
    {
        if (view.Uncollected.TryGetValue("many", out var uncollected))
            return new PipelineDecision.Fail(uncollected, "many");
        if (!view.Batches.TryGetValue("many", out var many))
        {
            if (!view.Items.TryGetValue("many", out var items))
                return new PipelineDecision.Run([]) { Expansions = [_request] };
            if (items.Failure is { } failure)
                return new PipelineDecision.Fail(failure, "many");
            var actions = items.Items.Select(i => new ActionSpec("echo", JsonBytes.Parse($$"""{"i":{{i}}}""")));
            return new PipelineDecision.Run([Batch("many", Every(TimeSpan.Zero, 0), [.. actions]) with { Source = items.Source }]);
        }

        if (!many.Ended)
            return PipelineDecision.Wait;
        return _collect is not null && many.Collected is null
            ? new PipelineDecision.Run([]) { Collections = [_collect] }
            : new PipelineDecision.Complete(many.Collected is { } key ? JsonBytes.FromString(key.Value) : JsonBytes.Null);
    }

    [Fact]
    public async Task Each_line_is_an_item_and_what_was_read_is_stored_with_the_batch()
    {
        _store["in/names.txt"] = "\uFEFFa\r\n\n  \nb c\né";
        var orchestration = await StartAsync(PlainPipelines.Definition);
        Assert.Equal(OrchestrationStatus.Completed, (await orchestration.WaitForEndAsync(Soon)).Status);

        Assert.Equal(["""{"i":"a"}""", """{"i":"b c"}""", """{"i":"é"}"""], Invoker.Invoked.Select(i => i.Parameters.ToString()).Order(StringComparer.Ordinal));
        var batch = Assert.Single((await FactsAsync(orchestration.Id)).OfType<BatchSealed>());
        Assert.Equal(new ItemSource(ItemKind.Lines, "in/names.txt", 16, "tag"), batch.Source);
    }

    [Fact]
    public async Task Lines_may_be_json()
    {
        _request = _request with { LinesAreJson = true };
        _store["in/names.txt"] = "{ \"a\": 1 }\n[2]\n";
        await (await StartAsync(PlainPipelines.Definition)).WaitForEndAsync(Soon);

        Assert.Equal(["""{"i":[2]}""", """{"i":{"a":1}}"""], Invoker.Invoked.Select(i => i.Parameters.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Each_object_under_a_prefix_is_an_item()
    {
        (_store["in/a/1"], _store["in/a/2"], _store["in/b"]) = ("x", "yy", "z");
        _request = new ItemsRequest("many", ItemKind.Objects, "in", "a/", false);
        var orchestration = await StartAsync(PlainPipelines.Definition);
        await orchestration.WaitForEndAsync(Soon);

        Assert.Equal(
            ["""{"i":{"object":"in/a/1","bucket":"in","key":"a/1","size":1}}""", """{"i":{"object":"in/a/2","bucket":"in","key":"a/2","size":2}}"""],
            Invoker.Invoked.Select(i => i.Parameters.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal(new ItemSource(ItemKind.Objects, "in/a/", 3, null), (await FactsAsync(orchestration.Id)).OfType<BatchSealed>().Single().Source);
    }

    [Theory]
    [InlineData(null, false, "there is no object 'in/names.txt' in memory:; write it before the run, or check the name.")]
    [InlineData("1\n{\n3", true, "line 2 of 'in/names.txt' is no JSON value; each line takes one. With format: text, lines are taken as they are.")]
    public async Task What_cannot_be_used_is_told_with_its_place(string? content, bool isJson, string message)
    {
        _request = _request with { LinesAreJson = isJson };
        if (content is not null)
            _store["in/names.txt"] = content;
        var end = await (await StartAsync(PlainPipelines.Definition)).WaitForEndAsync(Soon);

        Assert.Equal((OrchestrationStatus.Failed, "OBJECT_STORE", message), (end.Status, end.Failure!.Code, end.Failure.Message));
    }

    [Fact]
    public async Task A_store_that_is_away_is_asked_again()
    {
        _store["in/names.txt"] = "a";
        var left = 3;
        _store.OnCall = _ => left-- > 0 ? new ObjectStoreException("EndpointUnreachable", "away") : null;
        var end = (await StartAsync(PlainPipelines.Definition)).WaitForEndAsync(Soon);
        await PassUntilAsync(TimeSpan.FromMilliseconds(500), () => end.IsCompleted);

        Assert.Equal(OrchestrationStatus.Completed, (await end).Status);
        Assert.Equal(4, _store.Calls.Count);
    }

    [Fact]
    public async Task A_store_that_stays_away_or_refuses_fails_the_run()
    {
        _store.OnCall = _ => new ObjectStoreException("EndpointUnreachable", "away");
        var end = (await StartAsync(PlainPipelines.Definition)).WaitForEndAsync(Soon);
        await PassUntilAsync(TimeSpan.FromMilliseconds(500), () => end.IsCompleted);
        Assert.Equal(("EndpointUnreachable", "away"), ((await end).Failure!.Code, (await end).Failure!.Message));
        Assert.Equal(5, _store.Calls.Count);

        _store.OnCall = _ => new ObjectStoreException("AccessDenied", "not you");
        var refused = await (await StartAsync(PlainPipelines.Definition)).WaitForEndAsync(Soon);
        Assert.Equal("AccessDenied", refused.Failure!.Code);
        Assert.Equal(6, _store.Calls.Count);
    }

    [Fact]
    public async Task Results_are_written_in_the_order_of_the_items_with_null_for_what_failed()
    {
        _store["in/names.txt"] = string.Join('\n', Enumerable.Range(0, 40));
        _collect = new CollectRequest("many", ObjectKey.Parse("out/all.jsonl"));
        var turn = 0;
        Invoker.OnInvoke = async r =>
        {
            // Ends come in another order than the items.
            if (Interlocked.Increment(ref turn) % 3 == 0)
                await Task.Yield();
            using var item = r.Parameters.ToDocument();
            var text = item.RootElement.GetProperty("i").GetString();
            return text == "7"
                ? ScriptedInvoker.Failed(AttemptOutcome.Rejected)
                : ScriptedInvoker.Succeeded(JsonBytes.FromTrusted(System.Text.Encoding.UTF8.GetBytes($"{{\n \"n\": {text} }}")));
        };
        var orchestration = await StartAsync(PlainPipelines.Definition);
        var end = await orchestration.WaitForEndAsync(Soon);

        Assert.Equal("\"out/all.jsonl\"", end.Output.ToString());
        Assert.Equal(string.Concat(Enumerable.Range(0, 40).Select(i => i == 7 ? "null\n" : $"{{\"n\":{i}}}\n")), _store["out/all.jsonl"]);
        var collected = Assert.Single((await FactsAsync(orchestration.Id)).OfType<ResultsCollected>());
        Assert.Equal(("out/all.jsonl", (long)_store["out/all.jsonl"]!.Length, "tag"), (collected.Object.Value, collected.Size, collected.ETag));
        Assert.Equal(["get in/names.txt", "put out/all.jsonl", "make out", "put out/all.jsonl"], _store.Calls);
    }

    [Fact]
    public async Task No_items_give_an_object_without_lines()
    {
        _store["in/names.txt"] = "\n\n";
        _collect = new CollectRequest("many", ObjectKey.Parse("in/all.jsonl"));
        await (await StartAsync(PlainPipelines.Definition)).WaitForEndAsync(Soon);

        Assert.Equal("", _store["in/all.jsonl"]);
        Assert.Empty(Invoker.Invoked);
    }

    [Fact]
    public async Task Items_are_read_once_and_after_a_crash_the_stored_batch_goes_on()
    {
        _store["in/names.txt"] = "a\nb";
        var gate = new TaskCompletionSource();
        Invoker.OnInvoke = async r =>
        {
            await gate.Task;
            return ScriptedInvoker.Succeeded(r.Parameters);
        };
        var orchestration = await StartAsync(PlainPipelines.Definition);
        var end = orchestration.WaitForEndAsync(Soon);
        await UntilAsync(() => Invoker.Invoked.Count == 2);
        _store["in/names.txt"] = "other";
        gate.SetResult();
        await KillOrchestratorAsync();
        await PassUntilAsync(TimeSpan.FromMilliseconds(200), () => end.IsCompleted);

        Assert.Equal(OrchestrationStatus.Completed, (await end).Status);
        Assert.Single(_store.Calls);
        Assert.Single((await FactsAsync(orchestration.Id)).OfType<BatchSealed>());
    }

    [Fact]
    public async Task A_crash_while_results_are_written_writes_them_again()
    {
        _store["in/names.txt"] = "a\nb";
        _collect = new CollectRequest("many", ObjectKey.Parse("in/all.jsonl"));
        var failing = true;
        _store.OnCall = call => failing && call.StartsWith("put", StringComparison.Ordinal) ? new ObjectStoreException("SlowDown", "later") : null;
        var orchestration = await StartAsync(PlainPipelines.Definition);
        var end = orchestration.WaitForEndAsync(Soon);
        await UntilAsync(() => _store.Calls.Contains("put in/all.jsonl"));
        await KillOrchestratorAsync();
        failing = false;
        await PassUntilAsync(TimeSpan.FromMilliseconds(200), () => end.IsCompleted);

        Assert.Equal(OrchestrationStatus.Completed, (await end).Status);
        Assert.Equal("{\"i\":\"a\"}\n{\"i\":\"b\"}\n", _store["in/all.jsonl"]);
        Assert.Equal(2, Invoker.Invoked.Count);
        Assert.Single((await FactsAsync(orchestration.Id)).OfType<ResultsCollected>());
    }

    [Fact]
    public void A_line_may_be_as_long_as_the_parameters_of_an_activation()
    {
        using var lines = new LineItems("in/x", isJson: false);
        lines.Write(new byte[LineItems.MaxLineBytes].Select(_ => (byte)'a').ToArray());

        Assert.Contains("line 1 of 'in/x' has more than 1048576 bytes", Assert.Throws<ItemsException>(() => lines.Write("a"u8)).Message, StringComparison.Ordinal);
        using var wrong = new LineItems("in/x", isJson: false);
        Assert.Contains("line 2 of 'in/x' is not UTF-8", Assert.Throws<ItemsException>(() => wrong.Write([(byte)'a', (byte)'\n', 0xFF, (byte)'\n'])).Message, StringComparison.Ordinal);
    }
}

/// <summary>A pipeline that wants items where there is no object store.</summary>
public sealed class WithoutAnObjectStore : OrchestrationScenario
{
    protected override void Options(OrchestrationOptions options) => options.AddPipelines(new PlainPipelines(view =>
        view.Items.TryGetValue("s", out var items)
            ? new PipelineDecision.Fail(items.Failure!, "s")
            : new PipelineDecision.Run([]) { Expansions = [new ItemsRequest("s", ItemKind.Lines, "b", "k", false)] }));

    [Fact]
    public async Task Fails_with_what_to_do()
    {
        var end = await (await StartAsync(PlainPipelines.Definition)).WaitForEndAsync(Soon);
        Assert.Contains("--object-store", end.Failure!.Message, StringComparison.Ordinal);
    }
}
