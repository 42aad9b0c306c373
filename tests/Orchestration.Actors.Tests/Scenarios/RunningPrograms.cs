using Orchestration.Actors.Client;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Ports;
using Orchestration.Core.State;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>Programs of the application, which are run again from their beginning after a crash.</summary>
public sealed class RunningPrograms : OrchestrationScenario
{
    private int _begun;
    private OrchestrationProgram _program = (_, input, _) => Task.FromResult(input);

    [Fact]
    public async Task A_program_makes_batches_and_gives_back_an_output()
    {
        _program = async (run, input, cancellation) =>
        {
            var first = await run.MakeActionsAsync([new("double", input)], cancellation: cancellation);
            var second = await run.MakeActionsAsync([new("again", first[0].Result)], cancellation: cancellation);
            return second[0].Result;
        };
        var handle = await Client.StartProgramAsync("main", JsonBytes.Parse("""{"n":1}"""), cancellation: Soon);
        var end = await handle.WaitForEndAsync(Soon);

        Assert.Equal((OrchestrationStatus.Completed, """{"n":1}"""), (end.Status, end.Output.ToString()));
        Assert.Equal(["double", "again"], Invoker.Invoked.Select(r => r.Name));
    }

    [Fact]
    public async Task After_a_crash_it_begins_again_and_what_was_made_is_not_made_again()
    {
        var second = new TaskCompletionSource<InvokeReply>();
        Invoker.OnInvoke = r => r is { Name: "second", Attempt: 1 } ? second.Task : Task.FromResult(ScriptedInvoker.Succeeded(r.Parameters));
        _program = async (run, input, cancellation) =>
        {
            await run.MakeActionsAsync([new("first", JsonBytes.EmptyObject)], cancellation: cancellation);
            return (await run.MakeActionsAsync([new("second", input)], cancellation: cancellation))[0].Result;
        };
        var handle = await Client.StartProgramAsync("main", JsonBytes.Parse("""{"n":7}"""), cancellation: Soon);
        await UntilAsync(() => Invoker.Invoked.Count == 2);
        await KillOrchestratorAsync();
        var end = handle.WaitForEndAsync(Soon);
        await PassUntilAsync(TimeSpan.FromMilliseconds(200), () => end.IsCompleted);

        Assert.Equal("""{"n":7}""", (await end).Output.ToString());
        Assert.Equal(2, _begun);
        Assert.Single(Invoker.Invoked, r => r.Name == "first");
        Assert.Equal([1, 2], Invoker.Invoked.Where(r => r.Name == "second").Select(r => r.Attempt));
    }

    [Fact]
    public async Task One_that_throws_fails_the_orchestration_and_can_be_retried()
    {
        var broken = true;
        _program = async (run, _, cancellation) =>
        {
            var result = (await run.MakeActionsAsync(Echoes(1), retries: 0, cancellation: cancellation))[0].Result;
            return broken ? throw new InvalidOperationException("no luck") : result;
        };
        var handle = await Client.StartProgramAsync("main", cancellation: Soon);
        var end = await handle.WaitForEndAsync(Soon);
        Assert.Equal((OrchestrationStatus.Failed, "The program 'main' failed: no luck (InvalidOperationException)"), (end.Status, end.Failure!.Message));

        broken = false;
        await Client.RetryAsync(handle.Id, cancellation: Soon);
        Assert.Equal(OrchestrationStatus.Completed, (await handle.WaitForEndAsync(Soon)).Status);
        Assert.Single(Invoker.Invoked);
    }

    [Fact]
    public async Task One_that_returns_while_its_batch_runs_fails_the_orchestration()
    {
        Invoker.OnInvoke = _ => new TaskCompletionSource<InvokeReply>().Task;
        _program = async (run, input, cancellation) =>
        {
            _ = run.MakeActionsAsync(Echoes(1), cancellation: cancellation);
            await UntilAsync(() => Invoker.Invoked.Count == 1);
            return input;
        };
        var handle = await Client.StartProgramAsync("main", cancellation: Soon);

        Assert.Contains("returned while a batch that it added was still running", (await handle.WaitForEndAsync(Soon)).Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_not_registered_is_refused_with_those_that_are()
    {
        var refusal = await Assert.ThrowsAsync<OrchestrationException>(() => Client.StartProgramAsync("mian", cancellation: Soon));

        Assert.Equal("NO_PROGRAM", refusal.Code);
        Assert.Contains("it has 'main'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Starting_it_twice_with_an_id_is_one_start()
    {
        var id = Client.NewId();
        await Client.StartProgramAsync("main", JsonBytes.Parse("1"), id, Soon);
        await Client.StartProgramAsync("main", JsonBytes.Parse("1"), id, Soon);
        Assert.Equal("1", (await Client.WaitForEndAsync(id, Soon)).Output.ToString());

        Assert.Equal(1, _begun);
        Assert.Single((await FactsAsync(id)).OfType<OrchestrationStarted>());
        Assert.Equal("ALREADY_STARTED", (await Assert.ThrowsAsync<OrchestrationException>(() => Client.StartProgramAsync("main", JsonBytes.Parse("2"), id, Soon))).Code);
    }

    [Fact]
    public async Task A_client_may_end_an_orchestration_as_failed()
    {
        var handle = await StartAsync();
        await Client.FailAsync(handle.Id, new Core.Retries.Failure("CLIENT", "gave up"), Soon);

        var end = await handle.WaitForEndAsync(Soon);
        Assert.Equal((OrchestrationStatus.Failed, "gave up"), (end.Status, end.Failure!.Message));
    }

    protected override void Options(OrchestrationOptions options) => options.AddProgram("main", (run, input, cancellation) =>
    {
        _begun++;
        return _program(run, input, cancellation);
    });
}
