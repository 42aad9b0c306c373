using System.CommandLine;
using Orchestration.Core.Json;
using Orchestration.Host.Running;
using Orchestration.Workflows;

namespace Orchestration.Host.Commands;

/// <summary>The options that give a workflow its parameters.</summary>
internal static class ParameterOptions
{
    public static readonly Option<string[]> Parameters = new("-p", "--param")
    {
        HelpName = "name=value",
        Description = "A parameter of the workflow; JSON or text; may be repeated [default: as the file says]",
    };

    public static readonly Option<string[]> Files = new("-P", "--param-file")
    {
        HelpName = "FILE",
        Description = "Parameters as a map in YAML or JSON; may be repeated, and -p wins",
    };

    /// <summary>The parameters that are given.</summary>
    public static Dictionary<string, JsonBytes> Read(ParseResult line, WorkflowFile workflow) => RunParameters.Read(workflow, line.GetValue(Files) ?? [], line.GetValue(Parameters) ?? []);
}
