using Orchestration.Actors.Client;
using Orchestration.Core.Identity;
using Orchestration.Core.State;
using Programs;

// The three samples as C# programs: dotnet run --project samples/programs -c Release -- hello|transcoder|chatbot [ARGUMENT]
// Killed and started again with the id that it printed, a program goes on where it was: ... -- resume ORCH_ID
if (args is not [var verb, ..] || verb is not ("hello" or "transcoder" or "chatbot" or "resume"))
{
    Console.Error.WriteLine("usage: hello [NAME] | transcoder FILM | chatbot [TEXT] | resume ORCH_ID");
    return 2;
}

await using var sample = await SampleHost.StartAsync(Path.GetFullPath(".orchestration"), options => options
    .AddProgram("hello", Hello.RunAsync)
    .AddProgram("transcoder", Transcoder.RunAsync)
    .AddProgram("chatbot", Chatbot.RunAsync));
OrchestrationHandle run;
if (verb == "resume")
{
    // The host has begun it again already; this waits for it.
    run = await sample.Client.ResumeAsync(OrchestrationId.Parse(args.ElementAtOrDefault(1) ?? ""));
}
else
{
    var input = await sample.PrepareAsync(verb, args.Length > 1 ? string.Join(' ', args[1..]) : null);
    run = await sample.Client.StartProgramAsync(verb, input);
    Console.WriteLine($"run {run.Id}");
}
var end = await run.WaitForEndAsync();
Console.WriteLine(end.Status == OrchestrationStatus.Completed ? $"output: {end.Output}" : $"{end.Status}: {end.Failure!.Message}");
return end.Status == OrchestrationStatus.Completed ? 0 : 1;
