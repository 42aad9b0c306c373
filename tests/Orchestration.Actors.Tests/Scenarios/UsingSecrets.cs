using Orchestration.Actors.Client;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;
using Orchestration.Core.Serialization;
using Orchestration.Core.State;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>Values of secrets go into the POST and nowhere else.</summary>
public sealed class UsingSecrets : OrchestrationScenario
{
    private const string Value = "s3cret-v4lue";

    private readonly Dictionary<string, string> _values = new() { ["KEY"] = Value };

    private static readonly ActionSpec Call = new("call", JsonBytes.Parse("""{"auth":"Bearer ${{ secrets.KEY }}"}"""))
    {
        Secrets = [new SecretReference("/auth", 7, "KEY")],
    };

    protected override void Options(OrchestrationOptions options) => options
        .UseSecrets(_ => new Source(_values))
        .AddPipelines(new PlainPipelines(view => view.Batches.Count == 0
            ? new PipelineDecision.Run([Batch("s", RetryPolicy.Default, Call)])
            : view.Batches["s"].Ended ? new PipelineDecision.Complete(JsonBytes.Null) : PipelineDecision.Wait)
        { Secrets = ["KEY"] });

    [Fact]
    public async Task The_value_is_in_the_request_and_in_nothing_that_is_stored()
    {
        Invoker.OnInvoke = r => Task.FromResult(ScriptedInvoker.Succeeded(r.Parameters));
        var orchestration = await StartAsync(PlainPipelines.Definition);
        await orchestration.WaitForEndAsync(Soon);

        Assert.Equal($$"""{"auth":"Bearer {{Value}}"}""", Assert.Single(Invoker.Invoked).Parameters.ToString());
        Assert.Equal("""{"auth":"Bearer ***"}""", (await FactsAsync(orchestration.Id)).OfType<AttemptSucceeded>().Single().Result.ToString());
        Assert.DoesNotContain(Value, await StoredAsync(orchestration.Id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_value_is_not_in_errors_either()
    {
        Invoker.OnInvoke = r => Task.FromResult<InvokeReply>(new InvokeReply.Failed(
            null, null, AttemptOutcome.Rejected, Failure.FromActionError(JsonBytes.Parse($$"""{"code":"{{Value}}","message":"401 for {{Value}}"}""")), ObjectReport.None));
        var orchestration = await StartAsync(PlainPipelines.Definition);
        await orchestration.WaitForEndAsync(Soon);

        var failure = (await FactsAsync(orchestration.Id)).OfType<AttemptFailed>().Single().Failure;
        Assert.Equal(("***", "401 for ***", """{"code":"***","message":"401 for ***"}"""), (failure.Code, failure.Message, failure.Raw.ToString()));
        Assert.DoesNotContain(Value, await StoredAsync(orchestration.Id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invoker_that_throws_the_value_does_not_get_it_stored()
    {
        Invoker.OnInvoke = _ => throw new InvalidOperationException($"cannot send {Value}");
        var orchestration = await StartAsync(PlainPipelines.Definition);
        var end = orchestration.WaitForEndAsync(Soon);
        await PassUntilAsync(TimeSpan.FromMilliseconds(200), () => end.IsCompleted);
        await end;

        Assert.Contains("cannot send ***", await StoredAsync(orchestration.Id), StringComparison.Ordinal);
        Assert.DoesNotContain(Value, await StoredAsync(orchestration.Id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_without_a_value_is_refused_and_names_the_places()
    {
        _values.Clear();
        var refused = await Assert.ThrowsAsync<OrchestrationException>(() => StartAsync(PlainPipelines.Definition));

        Assert.Equal(("SECRET_MISSING", "The secret 'KEY' was not found; looked for in the test's KEY."), (refused.Code, refused.Message));
        Assert.Empty(Invoker.Invoked);
    }

    [Fact]
    public async Task A_value_that_is_missing_later_is_waited_for()
    {
        var orchestration = await StartAsync();
        _values.Clear();
        var batch = orchestration.MakeActionsAsync([Call], cancellation: Soon);
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => FactsAsync(orchestration.Id).GetAwaiter().GetResult().OfType<AttemptFailed>().Any());
        Assert.Empty(Invoker.Invoked);
        _values["KEY"] = Value;
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => batch.IsCompleted);

        Assert.True(Assert.Single(await batch).Success);
        var waited = (await FactsAsync(orchestration.Id)).OfType<AttemptFailed>().First();
        Assert.Equal((AttemptOutcome.Unavailable, "SECRET_MISSING"), (waited.Outcome, waited.Failure.Code));
    }

    [Fact]
    public async Task What_comes_back_after_a_crash_is_masked_too()
    {
        var looked = new TaskCompletionSource<InvokeReply>();
        Invoker.OnInvoke = _ => Task.FromResult<InvokeReply>(new InvokeReply.Accepted("act-1"));
        Invoker.OnLook = _ => looked.Task;
        var orchestration = await StartAsync(PlainPipelines.Definition);
        var end = orchestration.WaitForEndAsync(Soon);
        await PassUntilAsync(TimeSpan.FromMilliseconds(100), () => FactsAsync(orchestration.Id).GetAwaiter().GetResult().OfType<ActivationAccepted>().Any());
        await KillOrchestratorAsync();
        looked.SetResult(ScriptedInvoker.Succeeded(JsonBytes.FromString(Value), "act-1"));
        await PassUntilAsync(TimeSpan.FromMilliseconds(200), () => end.IsCompleted);

        Assert.Equal(OrchestrationStatus.Completed, (await end).Status);
        Assert.DoesNotContain(Value, await StoredAsync(orchestration.Id), StringComparison.Ordinal);
    }

    private async Task<string> StoredAsync(Core.Identity.OrchestrationId id) =>
        System.Text.Encoding.UTF8.GetString(FactJson.Write(new Commit([.. await FactsAsync(id)])));

    private sealed class Source(Dictionary<string, string> values) : ISecretSource
    {
        public string? Find(string name) => values.GetValueOrDefault(name);

        public string DescribePlaces(string name) => $"the test's {name}";
    }
}
