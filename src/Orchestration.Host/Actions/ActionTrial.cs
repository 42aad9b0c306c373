using System.Text.Json;
using Orchestration.Actors.Client;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Host.Commands;
using Orchestration.Host.Logs;
using Orchestration.Host.Running;
using Orchestration.Host.Terminals;
using Orchestration.LocalWhisk;
using Orchestration.OpenWhisk;

namespace Orchestration.Host.Actions;

/// <summary>One run of an action on this machine, in a local OpenWhisk of its own that ends with it.</summary>
/// <param name="Reply">What came of it.</param>
/// <param name="Record">The activation's record.</param>
/// <param name="Store">Where its objects are.</param>
internal sealed record ActionTrial(InvokeReply Reply, JsonElement Record, string Store)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public bool Succeeded => Reply is InvokeReply.Succeeded;

    /// <summary>Runs an action with a context of its own, as the first attempt of an orchestration would.</summary>
    public static async Task<ActionTrial> RunAsync(ActionSource source, string? main, JsonBytes parameters, Invocation invocation)
    {
        var (settings, interruption) = (invocation.Settings, invocation.Interruption);
        var folder = Directory.CreateTempSubdirectory("orchestration-action-").FullName;
        var store = ObjectStores.Open(settings, isLocal: true)!;
        try
        {
            var build = await ActionBuild.MakeAsync(source, new ActionDeployment(source.Name, "") { Main = main }, invocation.Terminal, interruption);
            await using var server = await LocalWhiskServer.StartAsync(
                LocalWhisks.Options(settings, store, LogOutput.Factory(invocation.Terminal)) with { DataDirectory = folder, Auth = LocalWhiskOptions.NewAuth(), DefaultTimeout = TimeSpan.FromHours(1) }, interruption);
            var whisk = new OpenWhiskOptions { ApiHost = server.BaseAddress, Auth = server.Auth, BlockingWait = OpenWhiskOptions.LongestBlockingWait, LoadReport = ObjectStores.ReportLoader(store) };
            using (var deployer = new ActionDeployer(whisk))
                await deployer.DeployAsync(build.Deployment, interruption);
            var reply = await InvokeAsync(whisk, NewRequest(source.Name, parameters), interruption);
            using var actions = new WhiskActions(whisk);
            return new ActionTrial(reply, ActivationOf(reply) is { } id ? await ReadRecordAsync(actions, id, interruption) : default, store.Location);
        }
        finally
        {
            (store as IDisposable)?.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>An invocation that no orchestration knows of.</summary>
    public static InvokeRequest NewRequest(string name, JsonBytes parameters) =>
        new(OrchestrationIds.New(), ActionId.Parse(OrchestrationIds.New().Value), 1, name, parameters);

    /// <summary>Result, objects, logs and time for people.</summary>
    public void Print(Terminal terminal)
    {
        terminal.Say("Logs");
        if (Record.ValueKind == JsonValueKind.Object)
            ActivationText.PrintLogs(Record, terminal);
        var objects = Objects;
        if (objects != ObjectReport.None && objects.Reads.Length + objects.Writes.Length + objects.Missing.Length > 0)
        {
            terminal.Say($"Objects in {Store}");
            foreach (var (verb, access) in objects.Reads.Select(a => ("read", a)).Concat(objects.Writes.Select(a => ("wrote", a))).Concat(objects.Missing.Select(a => ("missed", a))))
                terminal.Say($"  {verb,-6}  {access.Object}{(verb == "missed" ? "" : $"  {Humanize.Bytes(access.Size)}")}");
        }
        if (Time("duration") is { } duration)
            terminal.Say($"Time  {Humanize.Duration(duration)}{(Time("initTime") is { } init ? $", of it {Humanize.Duration(init)} to start" : "")}");
        switch (Reply)
        {
            case InvokeReply.Succeeded succeeded:
                terminal.Say("Result");
                using (var document = succeeded.Result.ToDocument())
                    Terminal.PrintDocument(Pretty.Json(document.RootElement), OutputFormat.Json);
                break;
            case InvokeReply.Failed failed:
                terminal.Complain($"error: {failed.Failure.Message}");
                if (failed.Failure.Code is { Length: > 0 } code)
                    terminal.Complain($"  code {code}");
                break;
        }
    }

    /// <summary>The same for programs.</summary>
    public JsonBytes ToJson() => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteBoolean("success", Succeeded);
        if (Reply is InvokeReply.Succeeded succeeded)
        {
            writer.WritePropertyName("result");
            writer.WriteRawValue(succeeded.Result.Utf8.Span, skipInputValidation: true);
        }
        else if (Reply is InvokeReply.Failed failed)
        {
            writer.WriteStartObject("error");
            writer.WriteString("code", failed.Failure.Code);
            writer.WriteString("message", failed.Failure.Message);
            writer.WriteEndObject();
        }
        writer.WriteStartObject("objects");
        foreach (var (name, list) in new[] { ("reads", Objects.Reads), ("writes", Objects.Writes), ("missing", Objects.Missing) })
        {
            writer.WriteStartArray(name);
            foreach (var access in list)
            {
                writer.WriteStartObject();
                writer.WriteString("object", access.Object.Value);
                if (name != "missing")
                    writer.WriteNumber("size", access.Size);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
        if (Time("duration") is { } duration)
            writer.WriteNumber("durationMs", (long)duration.TotalMilliseconds);
        if (Record.ValueKind == JsonValueKind.Object && Record.TryGetProperty("logs", out var logs))
        {
            writer.WritePropertyName("logs");
            logs.WriteTo(writer);
        }
        writer.WriteEndObject();
    });

    private ObjectReport Objects => Reply switch
    {
        InvokeReply.Succeeded succeeded => succeeded.Objects,
        InvokeReply.Failed failed => failed.Objects,
        _ => ObjectReport.None,
    };

    private TimeSpan? Time(string name) => Record.ValueKind == JsonValueKind.Object && ActivationText.Number(Record, name) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;

    private static async Task<InvokeReply> InvokeAsync(OpenWhiskOptions whisk, InvokeRequest request, CancellationToken cancellation)
    {
        using var invoker = new OpenWhiskInvoker(whisk);
        var reply = await invoker.InvokeAsync(request, cancellation);
        while (reply is InvokeReply.Accepted accepted)
        {
            await Task.Delay(Pause, cancellation);
            reply = await invoker.GetActivationAsync(request, accepted.ActivationId, cancellation);
        }
        return reply;
    }

    // A record may come a moment after the answer.
    private static async Task<JsonElement> ReadRecordAsync(WhiskActions actions, string activationId, CancellationToken cancellation)
    {
        while (true)
        {
            if (await actions.FindActivationAsync(activationId, cancellation) is { } record)
                return record;
            await Task.Delay(Pause, cancellation);
        }
    }

    private static string? ActivationOf(InvokeReply reply) => reply switch
    {
        InvokeReply.Succeeded succeeded => succeeded.ActivationId,
        InvokeReply.Failed failed => failed.ActivationId,
        _ => null,
    };
}
