using System.Text.Json;
using Orchestration.LocalWhisk.DotNetLauncher;

// Runs one .NET action for the local OpenWhisk: arguments = socket path, token of this process.
using var channel = new Channel(args[0], args[1]);
using var init = JsonDocument.Parse(channel.Receive());
TakeEnvironment(init.RootElement);
LoadedAction action;
try
{
    action = LoadedAction.Load(Environment.CurrentDirectory, init.RootElement.GetProperty("main").GetString()!);
}
#pragma warning disable CA1031 // Whatever keeps the action from being loaded is what its caller is told.
catch (Exception e)
#pragma warning restore CA1031
{
    if (e is not LoadException)
        Console.Error.WriteLine(e);
    channel.Send('I', Error(e.Message));
    return 1;
}

channel.Send('A', "");
var mark = init.RootElement.GetProperty("mark").GetString()!;
while (true)
{
    using var request = JsonDocument.Parse(channel.Receive());
    TakeEnvironment(request.RootElement);
    var (letter, reply) = await RunAsync(action, request.RootElement.GetProperty("value").GetRawText());
    foreach (var stream in new[] { Console.Out, Console.Error })
    {
        stream.Write(mark);
        stream.Flush();
    }

    channel.Send(letter, reply);
}

static async Task<(char Letter, string Reply)> RunAsync(LoadedAction action, string arguments)
{
    try
    {
        return await action.RunAsync(arguments) is { } result ? ('R', result) : ('E', Error("The action returned null"));
    }
#pragma warning disable CA1031 // Whatever an action throws is its error.
    catch (Exception e)
#pragma warning restore CA1031
    {
        Console.Error.WriteLine(e);
        return ('E', Error(e.Message));
    }
}

static void TakeEnvironment(JsonElement request)
{
    foreach (var variable in request.GetProperty("env").EnumerateObject())
        Environment.SetEnvironmentVariable(variable.Name, variable.Value.GetString());
}

static string Error(string message) => JsonSerializer.Serialize(new Dictionary<string, string> { ["error"] = message });
