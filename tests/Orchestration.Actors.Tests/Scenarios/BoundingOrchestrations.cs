using System.Collections.Concurrent;
using Orchestration.Actors.Admission;
using Orchestration.Actors.Client;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Protocol;
using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;
using Orchestration.Core.State;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>How many orchestrations run at once, and what a process that ends does with those under way.</summary>
public sealed class BoundingOrchestrations : OrchestrationScenario
{
    private readonly ConcurrentQueue<TaskCompletionSource<InvokeReply>> _calls = new();

    protected override void Options(OrchestrationOptions options)
    {
        options.MaxActive = 2;
        options.AddPipelines(new PlainPipelines(view => !view.Batches.TryGetValue("one", out var one) ? new PipelineDecision.Run([Batch("one", RetryPolicy.Default, Echo(1), Echo(2))])
            : one.Ended ? new PipelineDecision.Complete(JsonBytes.Null)
            : PipelineDecision.Wait));
        Invoker.OnInvoke = _ =>
        {
            var call = new TaskCompletionSource<InvokeReply>(TaskCreationOptions.RunContinuationsAsynchronously);
            _calls.Enqueue(call);
            return call.Task;
        };
    }

    [Fact]
    public async Task Those_beyond_the_bound_are_stored_and_run_in_turn()
    {
        var runs = new List<OrchestrationHandle>();
        for (var i = 0; i < 5; i++)
            runs.Add(await StartAsync(PlainPipelines.Definition));
        await UntilAsync(() => _calls.Count == 4);

        var view = await WaitingAsync(3);
        Assert.Equal((2, 2), (view.Most, view.Running.Count));
        Assert.Equal(runs.Select(r => r.Id).Except(view.Running).Order(), view.Waiting.Order());
        foreach (var waiting in view.Waiting)
            Assert.Empty((await FactsAsync(waiting)).OfType<ActionsAdded>());

        for (var ended = 0; ended < 10; ended++)
            (await NextCallAsync()).SetResult(ScriptedInvoker.Succeeded(JsonBytes.Null));
        foreach (var run in runs)
            Assert.Equal(OrchestrationStatus.Completed, (await run.WaitForEndAsync(Soon)).Status);
        Assert.Equal(4, Invoker.MostAtOnce);
        Assert.Equal(10, Invoker.Invoked.Count);
    }

    [Fact]
    public async Task An_admission_that_crosses_with_leaving_the_line_counts_for_nothing()
    {
        var admission = CreateTestProbe();
        var ticket = new AdmissionTicket(Client.NewId(), TestActor, admission.Ref);
        ticket.Want();
        var first = (await admission.ExpectMsgAsync<AdmissionProtocol.Want>()).Turn;
        ticket.Leave();
        await admission.ExpectMsgAsync<AdmissionProtocol.Leave>();
        ticket.Admitted(first);
        Assert.False(ticket.IsIn);

        ticket.Want();
        var second = (await admission.ExpectMsgAsync<AdmissionProtocol.Want>()).Turn;
        ticket.Admitted(first);
        Assert.Equal((false, true), (ticket.IsIn, ticket.IsWaiting));
        ticket.Admitted(second);
        Assert.Equal((true, false), (ticket.IsIn, ticket.IsWaiting));
    }

    [Fact]
    public async Task One_that_waits_can_be_cancelled_and_leaves_the_line()
    {
        for (var i = 0; i < 2; i++)
            await StartAsync(PlainPipelines.Definition);
        var third = await StartAsync(PlainPipelines.Definition);
        var fourth = await StartAsync(PlainPipelines.Definition);
        await UntilAsync(() => _calls.Count == 4);
        await WaitingAsync(2);

        await Client.CancelAsync(third.Id, "enough", Soon);
        Assert.Equal([fourth.Id], (await WaitingAsync(1)).Waiting);
    }

    [Fact]
    public async Task A_clients_orchestration_has_a_place_only_while_a_batch_of_it_is_unfinished()
    {
        var runs = new List<OrchestrationHandle>();
        for (var i = 0; i < 3; i++)
            runs.Add(await StartAsync());
        Assert.Empty((await Client.GetAdmissionAsync(Soon)).Running);

        foreach (var run in runs)
            await Client.SubmitBatchAsync(run.Id, Batch("one", RetryPolicy.Default, Echo(1)), Soon);
        await UntilAsync(() => _calls.Count == 2);
        await WaitingAsync(1);

        (await NextCallAsync()).SetResult(ScriptedInvoker.Succeeded(JsonBytes.Null));
        await UntilAsync(() => Invoker.Invoked.Count == 3);
        await WaitingAsync(0);
    }

    [Fact]
    public async Task A_process_that_ends_starts_nothing_new_and_waits_for_what_is_under_way()
    {
        var run = await StartAsync();
        await Client.SubmitBatchAsync(run.Id, new BatchSpec("one", [.. Echoes(6)], new BatchOptions(2, RetryPolicy.Default, Writers.Single)), Soon);
        await UntilAsync(() => _calls.Count == 2);

        var drained = Task.WhenAll(Client.DrainAsync(Soon), Client.DrainAsync(Soon));
        // The namespace has told the orchestrator when it answers, and the orchestrator has heard of it when that one does.
        await Client.GetPacingAsync(Soon);
        await Client.GetProgressAsync(run.Id, Soon);
        (await NextCallAsync()).SetResult(ScriptedInvoker.Succeeded(JsonBytes.Null));
        await UntilAsync(() => EndedAsync(run.Id).Result == 1);
        Assert.False(drained.IsCompleted);
        (await NextCallAsync()).SetResult(ScriptedInvoker.Succeeded(JsonBytes.Null));
        await drained;

        Assert.Equal(2, Invoker.Invoked.Count);
        Assert.Equal(2, await EndedAsync(run.Id));
        Assert.Equal(2, (await FactsAsync(run.Id)).OfType<AttemptStarted>().Count());
    }

    private async Task<AdmissionView> WaitingAsync(int count)
    {
        AdmissionView view = new(null, [], []);
        await AwaitConditionAsync(async () => (view = await Client.GetAdmissionAsync(Soon)).Waiting.Count == count, Patience, TimeSpan.FromMilliseconds(5));
        return view;
    }

    private async Task<int> EndedAsync(OrchestrationId id) => (await FactsAsync(id)).OfType<AttemptSucceeded>().Count();

    private async Task<TaskCompletionSource<InvokeReply>> NextCallAsync()
    {
        TaskCompletionSource<InvokeReply>? call = null;
        await UntilAsync(() => call is not null || _calls.TryDequeue(out call));
        return call!;
    }
}
