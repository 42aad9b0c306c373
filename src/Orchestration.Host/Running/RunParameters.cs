using Orchestration.Core.Json;
using Orchestration.Host.Terminals;
using Orchestration.Workflows;

namespace Orchestration.Host.Running;

/// <summary>The parameters of a run, as they are given on the command line.</summary>
internal static class RunParameters
{
    /// <summary>Reads them.</summary>
    /// <param name="workflow">The workflow.</param>
    /// <param name="files">Files with values; a later one wins over an earlier one.</param>
    /// <param name="texts">Texts <c>name=value</c>; they win over files.</param>
    /// <exception cref="CommandException">A text has another form, or a name is given twice.</exception>
    /// <exception cref="WorkflowException">A file cannot be used, or a name is not declared.</exception>
    public static Dictionary<string, JsonBytes> Read(WorkflowFile workflow, IEnumerable<string> files, IEnumerable<string> texts)
    {
        var values = new Dictionary<string, JsonBytes>();
        foreach (var (name, value) in files.SelectMany(workflow.LoadParameters))
            values[name] = value;
        var typed = new HashSet<string>();
        foreach (var text in texts)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw CommandException.Usage($"-p: '{text}' is not of the form name=value.");
            var name = text[..equals];
            if (!typed.Add(name))
                throw CommandException.Usage($"-p: the parameter '{name}' is given twice. Give it once.");
            values[name] = workflow.ParseParameter(name, text[(equals + 1)..]);
        }
        return values;
    }
}
