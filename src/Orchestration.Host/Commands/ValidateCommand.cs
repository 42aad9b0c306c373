using System.CommandLine;
using Orchestration.Host.Terminals;
using Orchestration.Workflows;

namespace Orchestration.Host.Commands;

/// <summary><c>validate FILE</c>: checks a workflow file without running anything.</summary>
internal static class ValidateCommand
{
    private static readonly Argument<string[]> Files = new("FILE") { Description = "The workflow files (YAML)", Arity = ArgumentArity.OneOrMore };

    public static Command Create()
    {
        var command = new Command("validate", "Check workflow files and report all mistakes at once.") { Files };
        command.SetAction(line => Run(line.GetRequiredValue(Files)));
        return command;
    }

    private static int Run(IEnumerable<string> files)
    {
        var exitCode = ExitCodes.Completed;
        foreach (var file in files)
        {
            try
            {
                var workflow = WorkflowFile.Load(file);
                Console.WriteLine($"{file}: no mistakes found ({Humanize.Count(workflow.Steps.Length, "step")})");
            }
            catch (WorkflowException e)
            {
                Console.Error.WriteLine(e.Message);
                exitCode = ExitCodes.Usage;
            }
        }
        return exitCode;
    }
}
