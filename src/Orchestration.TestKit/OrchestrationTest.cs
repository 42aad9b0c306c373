using Akka.Actor;
using Akka.Hosting;
using Akka.Persistence.Hosting;
using Akka.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestration.Actors.Client;
using Orchestration.Actors.Hosting;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Reports;
using Orchestration.Workflows;

namespace Orchestration.TestKit;

/// <summary>
/// A process that orchestrates, under test: an actor system with the production orchestrator, a scripted OpenWhisk, an object store in memory and virtual time. It can crash and start
/// again with what it had stored. Nothing of it outlives the test; several may run at once.
/// </summary>
public sealed class OrchestrationTest : IAsyncDisposable
{
    private const string Hocon = """
        akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
        akka.loglevel = OFF
        akka.stdout-loglevel = OFF
        akka.log-dead-letters = off
        akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
        akka.coordinated-shutdown.exit-clr = off
        akka.persistence.snapshot-store-plugin-fallback.circuit-breaker.call-timeout = 20d
        akka.persistence.journal.plugin = "orchestration-test-journal"
        orchestration-test-journal {
          class = "Orchestration.TestKit.TestJournal, Orchestration.TestKit"
          plugin-dispatcher = "akka.actor.default-dispatcher"
          store = "STORE"
          # Virtual time may leap while a row is written.
          circuit-breaker.call-timeout = 20d
          recovery-event-timeout = 20d
        }
        """;

    // How far virtual time goes at once while nothing happens; it grows, so that hours of backoff pass in a moment.
    private static readonly TimeSpan LeastStep = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MostStep = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);
    private const int IdleRounds = 8;
    private const int Growths = 12;

    private static readonly Platform Platform = new("http://openwhisk.test", "guest", "memory:");

    private readonly Action<OrchestrationOptions>? _configure;
    private readonly StoredRows _rows = new();
    private IHost _host = null!;
    private string _store = "";

    private OrchestrationTest(Action<OrchestrationOptions>? configure)
    {
        _configure = configure;
        Whisk = new ScriptedWhisk(Objects);
    }

    /// <summary>The OpenWhisk.</summary>
    public ScriptedWhisk Whisk { get; }

    /// <summary>The object store.</summary>
    public MemoryObjectStore Objects { get; } = new();

    /// <summary>The orchestrator of the present process. After a crash it is another one.</summary>
    public IOrchestrationClient Client => _host.Services.GetRequiredService<IOrchestrationClient>();

    /// <summary>The virtual time.</summary>
    public DateTimeOffset Now => Clock.Now;

    /// <summary>How often the process has crashed.</summary>
    public int Crashes { get; private set; }

    /// <summary>How much real time a run may take before the test gives up. Default: 30 s.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many rows were stored so far, over all orchestrations.</summary>
    public int StoredRows => _rows.Commits;

    private TestScheduler Clock => (TestScheduler)_host.Services.GetRequiredService<ActorSystem>().Scheduler;

    /// <summary>Starts a process.</summary>
    /// <param name="configure">Sets options, as an application does with <c>WithOrchestration</c>; invoker and object store are set already.</param>
    /// <returns>The test.</returns>
    public static async Task<OrchestrationTest> StartAsync(Action<OrchestrationOptions>? configure = null)
    {
        var test = new OrchestrationTest(configure);
        await test.StartProcessAsync(null);
        return test;
    }

    /// <summary>Runs a workflow to its end.</summary>
    /// <param name="workflow">The workflow.</param>
    /// <param name="parameters">Its parameters as a JSON object; null for the defaults.</param>
    /// <returns>The run.</returns>
    /// <exception cref="TimeoutException">It does not end.</exception>
    public Task<TestRun> RunAsync(WorkflowFile workflow, string? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(workflow);
        using var document = JsonBytes.Parse(parameters ?? "{}").ToDocument();
        return RunAsync(new StartRequest(workflow.Name) { Pipeline = workflow.ToPipeline(document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => JsonBytes.From(p.Value))) });
    }

    /// <summary>Runs one of the options' programs to its end.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="input">What it gets, any JSON value.</param>
    /// <returns>The run.</returns>
    /// <exception cref="TimeoutException">It does not end.</exception>
    public Task<TestRun> RunProgramAsync(string name, string input = "null") =>
        RunAsync(new StartRequest(name) { Pipeline = new PipelineDefinition(PipelineDefinition.ProgramKind, name, JsonBytes.Parse(input), []) });

    /// <summary>Runs an orchestration that makes its batches by itself to its end.</summary>
    /// <param name="request">What to start.</param>
    /// <returns>The run.</returns>
    /// <exception cref="TimeoutException">It does not end.</exception>
    public async Task<TestRun> RunAsync(StartRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var id = request.Id ?? Client.NewId();
        await UntilDoneAsync(client => client.StartAsync(request with { Id = id }));
        await UntilDoneAsync(client => client.WaitForEndAsync(id));
        return await ReadAsync(id);
    }

    /// <summary>Reads what was stored of an orchestration.</summary>
    /// <param name="id">Which.</param>
    /// <returns>The run, as far as it has come.</returns>
    public async Task<TestRun> ReadAsync(OrchestrationId id)
    {
        var commits = new List<Commit>();
        await foreach (var row in Client.ReadHistoryAsync(id))
            commits.Add(row.Commit);
        return new TestRun(OrchestrationReport.From(id, commits), [.. commits.SelectMany(c => c.Facts)], [.. Whisk.Invocations.Where(i => i.OrchestrationId == id)]);
    }

    /// <summary>Does something with the orchestrator while virtual time passes. When the process crashes meanwhile, it is started again and the same is asked of the new one, as a client that lost its connection does.</summary>
    /// <param name="work">What to do.</param>
    /// <returns>What came of it.</returns>
    /// <exception cref="TimeoutException">It is not done within <see cref="Patience"/> of real time.</exception>
    public async Task<T> UntilDoneAsync<T>(Func<IOrchestrationClient, Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        var begin = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var life = _rows.Life;
            var doing = work(Client);
            while (!doing.IsCompleted && !life.HasCrashed)
            {
                await PassAsync(doing, life);
                if (TimeProvider.System.GetElapsedTime(begin) > Patience)
                    throw new TimeoutException($"It was not done within {Patience.TotalSeconds:0} s of real time, at {Now:u} of virtual time. Invoked so far: {string.Join(", ", Whisk.Invocations.GroupBy(i => i.Name).Select(g => $"{g.Key} {g.Count()} times"))}.");
            }
            if (!life.HasCrashed)
                return await doing;
            await RestartAsync();
        }
    }

    /// <summary>Lets virtual time pass.</summary>
    /// <param name="time">How much.</param>
    /// <returns>A task that ends when what was due has been begun.</returns>
    public async Task AdvanceAsync(TimeSpan time)
    {
        for (var left = time; left > TimeSpan.Zero; left -= LeastStep)
        {
            Clock.Advance(left < LeastStep ? left : LeastStep);
            await Task.Delay(Pause);
        }
    }

    /// <summary>Has the process crash right after a fact was stored, before anything else follows from it. The next call that waits starts it again.</summary>
    /// <typeparam name="TFact">The kind of fact, such as <see cref="AttemptStarted"/>.</typeparam>
    /// <param name="nth">The how manyth of its kind, from 1 up.</param>
    public void CrashAfter<TFact>(int nth = 1)
        where TFact : Fact
    {
        var left = nth;
        _rows.CrashWhen(facts => (left -= facts.OfType<TFact>().Count()) <= 0);
    }

    /// <summary>Has the process crash right after so many more rows were stored.</summary>
    /// <param name="rows">How many, from 1 up.</param>
    public void CrashAfterRows(int rows)
    {
        var left = rows;
        _rows.CrashWhen(_ => --left <= 0);
    }

    /// <summary>Kills the process and starts it again with what was stored.</summary>
    /// <returns>A task that ends when it is there again.</returns>
    public Task CrashAsync()
    {
        _rows.Life.Crash();
        return RestartAsync();
    }

    /// <summary>Stops the process.</summary>
    public async ValueTask DisposeAsync()
    {
        _rows.Life.Crash();
        await StopProcessAsync();
    }

    private async Task RestartAsync()
    {
        var now = Now;
        Crashes++;
        await StopProcessAsync();
        await StartProcessAsync(now);
    }

    private async Task StartProcessAsync(DateTimeOffset? now)
    {
        var life = new Life();
        _rows.Life = life;
        _store = TestJournal.Register(_rows, life);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        builder.Services.AddOrchestrationClient();
        builder.Services.AddAkka("orchestration-test", akka => akka
            .AddHocon(Hocon.Replace("STORE", _store, StringComparison.Ordinal), HoconAddMode.Prepend)
            .WithInMemorySnapshotStore()
            .WithOrchestration(options =>
            {
                options.UseInvoker(_ => new LifeInvoker(Whisk, life), Platform);
                options.UseObjectStore(_ => Objects);
                options.AddPipelines(new WorkflowPipelineFactory());
                _configure?.Invoke(options);
            }));
        _host = builder.Build();
        await _host.StartAsync();
        life.Begin(Clock);
        // Virtual time goes on where it was.
        if (now is { } then && then > Now)
            Clock.Advance(then - Now);
    }

    private async Task StopProcessAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        TestJournal.Forget(_store);
    }

    // Actors work in real time: virtual time passes only when nothing has happened for a few rounds.
    private async Task PassAsync(Task doing, Life life)
    {
        var step = LeastStep;
        var seen = (_rows.Commits, Whisk.Invocations.Count);
        for (var idle = 0; !doing.IsCompleted && !life.HasCrashed && idle < IdleRounds * Growths;)
        {
            Clock.Advance(step);
            await Task.WhenAny(doing, Task.Delay(Pause));
            if ((_rows.Commits, Whisk.Invocations.Count) != seen)
                return;
            // On a busy machine an actor may still have its message before it.
            if (ThreadPool.PendingWorkItemCount > 0)
                await Task.WhenAny(doing, Task.Delay(Pause * 5));
            if (++idle % IdleRounds == 0)
                step = TimeSpan.FromTicks(Math.Min(MostStep.Ticks, step.Ticks * 4));
        }
    }
}
