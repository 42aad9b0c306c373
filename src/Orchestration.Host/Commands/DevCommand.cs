using System.CommandLine;
using Orchestration.Host.Logs;
using Orchestration.Host.Remote;
using Orchestration.Host.Running;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Terminals;
using Orchestration.LocalWhisk;
using Orchestration.LocalWhisk.Faults;

namespace Orchestration.Host.Commands;

/// <summary><c>dev</c>: the local OpenWhisk by itself, until Ctrl-C.</summary>
internal static class DevCommand
{
    private const int DefaultPort = 3233;

    // OpenWhisk's standalone server has these.
    private const int DefaultPerMinute = 60;
    private const int DefaultInFlight = 30;

    private static readonly Option<int> Port = new("--port")
    {
        HelpName = "N",
        Description = "The port on 127.0.0.1; 0 takes any free one",
        DefaultValueFactory = _ => DefaultPort,
    };

    private static readonly Option<string[]> AllowedOrigins = new("--allow-origin")
    {
        HelpName = "ORIGIN",
        Description = "A web origin whose pages may call it, such as http://localhost:8080; * for all; may be repeated [default: none]",
    };

    private static readonly Option<string[]> NodePath = new("--node-path")
    {
        HelpName = "DIR",
        Description = "A folder of modules that Node.js actions may require, such as node_modules with the 'openwhisk' that the real platform has; may be repeated [default: none]",
    };

    private static readonly Option<bool> Limits = new("--limits")
    {
        Description = "Refuse what the real platform's defaults refuse: more than 60 invocations in a clock minute, more than 30 at once, more memory than an action's limit [default: no limit]",
    };

    private static readonly Option<string[]> Faults = new("--fault")
    {
        HelpName = "KIND=PERCENT",
        Description = $"What goes wrong on purpose and how often, such as drop-record=5 or slow=20:500ms; may be repeated. Kinds: {string.Join(", ", Fault.Names)}",
    };

    private static readonly Option<int> FaultSeed = new("--fault-seed")
    {
        HelpName = "N",
        Description = "Begins the row of draws that decides which requests --fault strikes",
        DefaultValueFactory = _ => 1,
    };

    public static Command Create()
    {
        var command = new Command("dev", "Run the local OpenWhisk until Ctrl-C.")
        {
            Port, AllowedOrigins, NodePath, Limits, Faults, FaultSeed, CommonOptions.Auth, CommonOptions.ObjectStore, CommonOptions.AccessKey, CommonOptions.SecretKey,
            CommonOptions.DataDirectory, CommonOptions.Verbose,
        };
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static string ReadFolder(string path) => Directory.Exists(path)
        ? Path.GetFullPath(path)
        : throw CommandException.Usage($"--node-path: there is no folder '{path}'. Give one that holds modules, such as the node_modules that npm made.");

    private static Fault ReadFault(string text)
    {
        try
        {
            return Fault.Parse(text);
        }
        catch (LocalWhiskException e)
        {
            throw CommandException.Usage($"--fault: {e.Message}", e);
        }
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var (settings, terminal) = (invocation.Settings, invocation.Terminal);
        var auth = ((OpenWhiskChoice.Local)OpenWhiskChoice.Make(settings with { OpenWhisk = new Given(OpenWhiskChoice.LocalName, "dev") })).Auth ?? LocalWhiskOptions.GuestAuth;
        if (ServiceFile.FindLive(ServiceFile.OfDev(settings.DataDirectory)) is { } other)
            throw CommandException.Failure($"The process {other.Pid} is a dev in {settings.DataDirectory} already, at {other.Url}. Use that one, stop it, or use another --data-dir.");
        Fault[] faults = [.. (invocation.Line.GetValue(Faults) ?? []).Select(ReadFault)];
        var limits = invocation.Line.GetValue(Limits);
        var store = ObjectStores.Open(settings, isLocal: true);
        var defaults = LocalWhisks.Options(settings, store, LogOutput.Factory(terminal));
        await using var server = await LocalWhiskServer.StartAsync(
            defaults with
            {
                Port = invocation.Line.GetValue(Port),
                Auth = auth,
                AllowedOrigins = invocation.Line.GetValue(AllowedOrigins) ?? [],
                NodePath = [.. defaults.NodePath, .. (invocation.Line.GetValue(NodePath) ?? []).Select(ReadFolder)],
                EnforcesMemory = limits,
                InvocationsPerMinute = limits ? DefaultPerMinute : null,
                MaxInFlight = limits ? DefaultInFlight : defaults.MaxInFlight,
                Faults = faults,
                FaultSeed = invocation.Line.GetValue(FaultSeed),
            },
            invocation.Interruption);
        var url = server.BaseAddress.AbsoluteUri.TrimEnd('/');
        using var published = ServiceFile.Publish(ServiceFile.OfDev(settings.DataDirectory), url, server.Auth, store!.Location);
        var options = RunStorage.Of(settings).CommandOptions is { Length: > 0 } place ? " " + place : "";
        terminal.Say($"""
            The local OpenWhisk listens on {url}
              namespace     {server.Namespace}
              auth          {server.Auth}
              object store  {store.Location}
              data          {LocalWhisks.Folder(settings)}

            Use it with wsk:
              wsk property set --apihost {url} --auth {server.Auth}
              wsk action create hello samples/hello/actions/hello.py
              wsk action invoke hello --result --param input Ada
            or with a workflow, from another terminal:
              {CommandName.Text} run FILE{options}

            {(limits ? $"Refuses more than {DefaultPerMinute} invocations in a clock minute and {DefaultInFlight} at once, and ends actions that hold more memory than their limit.\n" : "")}{(faults.Length == 0 ? "" : $"Goes wrong on purpose: {string.Join(", ", faults.Select(f => f.ToString()))}\n")}Actions run as you, without isolation. Ctrl-C stops it.
            """);
        var stopped = new TaskCompletionSource();
        await using var registration = invocation.Interruption.Register(stopped.SetResult);
        await stopped.Task;
        terminal.Say("stopped");
        return ExitCodes.Completed;
    }
}
