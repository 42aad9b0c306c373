using Orchestration.Host.Commands;

return await CommandLine.RunAsync(args);
