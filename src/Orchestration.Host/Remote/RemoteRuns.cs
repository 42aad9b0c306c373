using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Ports;
using Orchestration.Core.Reports;
using Orchestration.Core.State;
using Orchestration.Host.Api;
using Orchestration.Host.Commands;
using Orchestration.Host.Progress;
using Orchestration.Host.Reports;
using Orchestration.Host.Running;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Remote;

/// <summary>Runs that go on in the process that works on the data directory, seen from another one.</summary>
/// <param name="owner">The process.</param>
/// <param name="invocation">The command.</param>
/// <param name="output">Where reports go.</param>
internal sealed class RemoteRuns(OwnerClient owner, Invocation invocation, ReportOutput output)
{
    private readonly Terminal _terminal = invocation.Terminal;
    private readonly RunStorage _storage = RunStorage.Of(invocation.Settings);
    private readonly string _worker = invocation.Settings.Server is null ? $"{owner.Name}, which works on {RunStorage.Of(invocation.Settings).Name}" : owner.Name;

    /// <summary>Has a run started and sees it to its end.</summary>
    /// <param name="choice">The OpenWhisk that it is for; null for whichever the process has.</param>
    /// <param name="plan">What to start.</param>
    public async Task<RunResult> StartAsync(OpenWhiskChoice? choice, RunPlan plan)
    {
        var info = await owner.GetInfoAsync(invocation.Interruption);
        if (choice is not null)
            CheckPlatform(choice, info);
        _terminal.Note($"OpenWhisk: {info.ApiHost}, of {_worker}: the run goes on there");
        // One that was named must be the one there, also when nothing is copied.
        var store = plan.Puts.Count + plan.Note.Gets.Length > 0 || (invocation.Settings.Server is null && invocation.Settings.ObjectStore is not null) ? OpenStore(info) : null;
        try
        {
            WorkflowRuns.CheckTransfers(plan, store);
            if (plan.Puts.Count > 0)
                await Transfers.UploadAsync(store!, plan.Puts, _terminal, invocation.Interruption);
            var answer = await owner.StartAsync(Body(plan, info), invocation.Interruption);
            if (answer.GetProperty("deployed").EnumerateArray().Select(name => name.GetString()).ToList() is { Count: > 0 } deployed)
                _terminal.Note($"deployed {string.Join(", ", deployed)}");
            var id = OrchestrationId.Parse(answer.GetProperty("orchId").GetString()!);
            _terminal.Note($"run {id}");
            return await FollowAsync(id, plan.Note, isNew: true, store);
        }
        finally
        {
            (store as IDisposable)?.Dispose();
        }
    }

    /// <summary>Has a run taken up or retried, or joins one that goes on, and sees it to its end.</summary>
    /// <param name="run">The run.</param>
    /// <param name="verb">What is asked of the process: <c>resume</c> or <c>retry</c>.</param>
    /// <param name="body">What goes with it.</param>
    public async Task<RunResult> ContinueAsync(StartedRun run, string verb, JsonBytes body)
    {
        var info = await owner.GetInfoAsync(invocation.Interruption);
        await owner.ChangeAsync(run.Id, verb, body, invocation.Interruption);
        _terminal.Note($"run {run.Id} goes on in {_worker}");
        var store = run.Note.Gets.IsEmpty ? null : OpenStore(info);
        try
        {
            return await FollowAsync(run.Id, run.Note, isNew: false, store);
        }
        finally
        {
            (store as IDisposable)?.Dispose();
        }
    }

    /// <summary>Shows a run until it ends; Ctrl-C leaves it to its process.</summary>
    /// <param name="id">The run.</param>
    /// <param name="note">What is to be done at its end.</param>
    /// <param name="isNew">Whether what has happened before is shown line by line too.</param>
    /// <param name="store">The object store for downloads; null for none.</param>
    public async Task<RunResult> FollowAsync(OrchestrationId id, RunNote note, bool isNew, IObjectStore? store)
    {
        OrchestrationReport report;
        try
        {
            report = await ShowAsync(id, isNew);
        }
        catch (OperationCanceledException) when (invocation.Interruption.IsCancellationRequested)
        {
            _terminal.Say($"detached: run {id} goes on in {owner.Name}");
            _terminal.Say($"look at it again with: {CommandName.Runs($"watch {id}", _storage)}");
            _terminal.Say($"end it with: {CommandName.Runs($"cancel {id}", _storage)}");
            return new RunResult(ExitCodes.Interrupted, null);
        }
        catch (OwnerGoneException e)
        {
            // It may have ended with the run, before it could tell of that.
            using var runs = new StoredRuns(_storage);
            report = runs.ReadReport(id);
            if (report.Status == OrchestrationStatus.Running)
                throw CommandException.Failure($"{e.Message} What has happened until then is stored. Go on with: {CommandName.Runs($"resume {id}", _storage)}", e);
        }
        if (report.Status == OrchestrationStatus.Running)
            throw CommandException.Failure($"No process works on the run {id}. Go on with: {CommandName.Runs($"resume {id}", _storage)}");
        var (result, problem) = await new RunEnding(store, output).FinishAsync(report, note);
        return problem is null ? result : throw problem;
    }

    private async Task<OrchestrationReport> ShowAsync(OrchestrationId id, bool isNew)
    {
        var fold = new ReportFold(id);
        var began = DateTimeOffset.UtcNow;
        await using var view = _terminal.IsQuiet ? null : ProgressViews.Open(_terminal, null, new TimeLeft(PastRunsReading.Begin(_storage, ReadStart(id), null, invocation.Interruption)));
        await foreach (var row in owner.FollowAsync(id, invocation.Interruption))
        {
            fold.Add(row.Commit);
            foreach (var fact in row.Commit.Facts)
                view?.Show(fact, isNew || fact.Time >= began);
        }
        return fold.ToReport();
    }

    private OrchestrationStarted ReadStart(OrchestrationId id)
    {
        using var runs = new StoredRuns(_storage);
        return runs.ReadStart(id);
    }

    private static JsonBytes Body(RunPlan plan, OwnerInfo info) => JsonBytes.Write(writer =>
    {
        var pipeline = plan.Request.Pipeline!;
        writer.WriteStartObject();
        writer.WriteString("name", plan.Request.Name);
        writer.WriteString("workflow", pipeline.Source);
        writer.WriteString("fileName", plan.Note.WorkflowFile);
        // Elsewhere this folder means nothing, and only who may use files of that machine may name one.
        if (!plan.Workflow.Actions.IsEmpty && info.ApiHost == OpenWhiskChoice.LocalName)
            writer.WriteString("directory", plan.Workflow.Directory);
        writer.WriteString("orchId", plan.Request.Id!.Value.Value);
        writer.WriteString("apiHost", info.ApiHost);
        writer.WriteJson("params", pipeline.Parameters);
        writer.WriteJson("clientData", plan.Note.ToJson());
        writer.WriteEndObject();
    });

    // Behind what a process works on.
    private string Comma => invocation.Settings.Server is null ? "," : "";

    private void CheckPlatform(OpenWhiskChoice choice, OwnerInfo info)
    {
        var wanted = choice is OpenWhiskChoice.External external ? external.Options.ApiHost.AbsoluteUri.TrimEnd('/') : OpenWhiskChoice.LocalName;
        if (wanted != info.ApiHost)
            throw CommandException.Failure(
                $"{char.ToUpperInvariant(_worker[0])}{_worker[1..]}{Comma} runs actions on OpenWhisk {info.ApiHost}, and this run is for {wanted} ({choice.Source}). "
                + (invocation.Settings.Server is null ? $"Wait until that process has ended, use --openwhisk {info.ApiHost}, or use another --data-dir." : "Leave it out, or name a service that has it."));
    }

    private IObjectStore? OpenStore(OwnerInfo info)
    {
        if (invocation.Settings.ObjectStore is { } given)
        {
            var own = ObjectStores.Open(invocation.Settings, isLocal: true)!;
            if (own.Location == info.ObjectStore)
                return own;
            (own as IDisposable)?.Dispose();
            throw CommandException.Failure(
                $"{given.Source}: {_worker}{Comma} has the object store '{info.ObjectStore}', not {own.Location}. Leave it out, "
                + (invocation.Settings.Server is null ? "wait until that process has ended, or use another --data-dir." : "or name a service that has it."));
        }
        if (info.ObjectStore.StartsWith("file:", StringComparison.Ordinal) && info.Machine != Environment.MachineName)
            throw CommandException.Failure($"The object store of {owner.Name} is the folder '{info.ObjectStore}' of the machine {info.Machine}, which is not this one: --put and --get cannot reach it. Copy the objects there, or give the service an S3 store.");
        return info.ObjectStore.Length == 0 ? null : ObjectStores.Open(invocation.Settings with { ObjectStore = new Given(info.ObjectStore, "api.json") }, isLocal: true);
    }
}
