using Orchestration.Core.Json;
using Orchestration.Host.Terminals;
using Orchestration.OpenWhisk;
using Orchestration.Workflows;

namespace Orchestration.Host.Actions;

/// <summary>An action's parameters as they are given on a command line.</summary>
internal static class ActionParameters
{
    /// <summary>Reads them.</summary>
    /// <param name="files">Files with maps of values, in YAML or JSON; a later one wins over an earlier one.</param>
    /// <param name="texts">Texts <c>name=value</c>, the value JSON or text; they win over files.</param>
    /// <returns>A JSON object.</returns>
    /// <exception cref="CommandException">A text has another form, a name is given twice, or is one of the orchestrator's own.</exception>
    /// <exception cref="WorkflowException">A file cannot be used.</exception>
    public static JsonBytes Read(IEnumerable<string> files, IEnumerable<string> texts)
    {
        var values = new Dictionary<string, JsonBytes>(StringComparer.Ordinal);
        foreach (var (name, value) in files.SelectMany(ParameterFile.Load))
            values[name] = value;
        var typed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw CommandException.Usage($"-p: '{text}' is not of the form name=value.");
            if (!typed.Add(text[..equals]))
                throw CommandException.Usage($"-p: the parameter '{text[..equals]}' is given twice. Give it once.");
            values[text[..equals]] = ParameterFile.ParseValue(text[(equals + 1)..]);
        }
        var parameters = JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            foreach (var (name, value) in values)
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
            }
            writer.WriteEndObject();
        });
        return InvocationBody.Problem(parameters) is { } problem ? throw CommandException.Usage(problem) : parameters;
    }
}
