using System.CommandLine;
using System.Text.Json;
using Orchestration.Actors.Client;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Pipelines;
using Orchestration.Host.Remote;
using Orchestration.Host.Reports;
using Orchestration.Host.Running;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Commands;

/// <summary><c>runs heal</c>: makes what is missing of a run's objects again, by a run of its own.</summary>
internal static class RunsHealCommand
{
    private static readonly Argument<string> Id = RunsCommand.NewIdArgument();

    private static readonly Argument<string[]> Objects = new("bucket/key")
    {
        Description = "The objects to make again [default: everything that the run wrote and that is missing]",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> Plan = new("--plan") { Description = "Show what is missing and what would run again, and change nothing" };

    public static Command Create()
    {
        var command = new Command("heal", "Make missing objects of a run again, with the least work; also of a run that has ended.") { Id, Objects, Plan, CommonOptions.SecretsFile };
        CommonOptions.AddSession(command);
        CommonOptions.AddPlatform(command);
        command.Options.Add(CommonOptions.Server);
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static Task<int> RunAsync(Invocation invocation)
    {
        var wanted = (invocation.Line.GetValue(Objects) ?? []).Select(Parse).Distinct().ToList();
        invocation.Reports(RunStorage.Of(invocation.Settings)).Check();
        return invocation.Settings.Server is { } server ? HealThereAsync(invocation, server, wanted) : HealHereAsync(invocation, wanted);
    }

    private static async Task<int> HealThereAsync(Invocation invocation, Given server, List<ObjectKey> wanted)
    {
        var storage = RunStorage.Of(invocation.Settings);
        using var service = OwnerClient.Of(server, invocation.Settings);
        StartedRun run;
        using (var runs = new StoredRuns(storage))
            run = StartedRun.Read(runs, invocation.Line.GetRequiredValue(Id));
        var isPlan = invocation.Line.GetValue(Plan);
        var answer = await service.ChangeAsync(run.Id, "heal", Body(wanted, isPlan), invocation.Interruption);
        var healing = answer.GetProperty("orchId").GetString();
        var plan = answer.GetProperty("plan");
        Show(invocation, plan, healing is null);
        if (healing is null)
            return plan.GetProperty("missing").EnumerateArray().Any(m => m.GetProperty("code").ValueKind == JsonValueKind.String) ? ExitCodes.Failed : ExitCodes.Completed;
        invocation.Terminal.Say("");
        invocation.Terminal.Note($"run {healing}");
        return (await new RemoteRuns(service, invocation, invocation.Reports(storage)).FollowAsync(OrchestrationId.Parse(healing), new RunNote(), isNew: true, null)).ExitCode;
    }

    private static async Task<int> HealHereAsync(Invocation invocation, List<ObjectKey> wanted)
    {
        var storage = RunStorage.Of(invocation.Settings);
        StartedRun run;
        HealPlan plan;
        HostSettings settings;
        using (var runs = new StoredRuns(storage))
        {
            run = StartedRun.Read(runs, invocation.Line.GetRequiredValue(Id));
            settings = run.AsStarted(invocation.Settings);
            var store = ObjectStores.Open(settings, isLocal: false)
                ?? throw CommandException.Usage($"The run {run.Id} had no object store; there is nothing to look for. Start runs with --object-store to have their objects made again.");
            using var closing = store as IDisposable;
            plan = await HealPlan.MakeAsync(runs, run.Id, wanted, store, settings.Lineage, invocation.Interruption);
        }

        var nothingRuns = invocation.Line.GetValue(Plan) || plan.Dead == plan.Missing.Count;
        using (var document = JsonDocument.Parse(HealTable.ToJson(plan)))
            Show(invocation, document.RootElement, nothingRuns);
        if (nothingRuns)
            return plan.Dead == 0 ? ExitCodes.Completed : ExitCodes.Failed;

        settings.Secrets.Require(plan.Plan.Jobs.SelectMany(j => j.Action.Spec.Secrets).Select(s => s.Name).Distinct());
        invocation.Terminal.Say("");
        var request = new StartRequest($"heal {run.Start.Name}") { Pipeline = HealPipeline.Define(run.Id, plan.Missing) };
        var healing = run.Note with { Gets = [], Demo = null, WorkflowFile = null };
        var result = await Workers.DoAsync(
            invocation,
            async owner =>
            {
                var answer = await owner.ChangeAsync(run.Id, "heal", Body(wanted, isPlan: false), invocation.Interruption);
                return answer.GetProperty("orchId").GetString() is { } there
                    ? await new RemoteRuns(owner, invocation, invocation.Reports(storage)).FollowAsync(OrchestrationId.Parse(there), healing, isNew: true, null)
                    : new RunResult(ExitCodes.Completed, null);
            },
            async () =>
            {
                await using var environment = await RunEnvironment.OpenAsync(settings, OpenWhiskChoice.Make(settings), invocation.Terminal, invocation.Interruption);
                return await new RunSession(environment, settings.PoolSize, invocation.Reports(storage)).StartAsync(request, healing, invocation.Interruption);
            });
        return result.ExitCode;
    }

    private static void Show(Invocation invocation, JsonElement plan, bool isAll)
    {
        if (isAll && invocation.Format != OutputFormat.Table)
            Terminal.PrintDocument(JsonBytes.From(plan).Utf8, invocation.Format);
        else
            HealTable.Print(plan, invocation.Terminal);
    }

    private static JsonBytes Body(List<ObjectKey> wanted, bool isPlan) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("objects");
        foreach (var key in wanted)
            writer.WriteStringValue(key.Value);
        writer.WriteEndArray();
        writer.WriteBoolean("plan", isPlan);
        writer.WriteEndObject();
    });

    private static ObjectKey Parse(string text) => ObjectKey.TryParse(text, out var key)
        ? key
        : throw CommandException.Usage($"'{text}' names no object: it takes bucket/key, such as input-video/clip.mp4.");
}
