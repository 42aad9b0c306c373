using System.Text.Json;
using Orchestration.Core.Json;
using Orchestration.Workflows.Reading;
using Orchestration.Workflows.Yaml;

namespace Orchestration.Workflows;

/// <summary>Values by name, as files and command lines have them.</summary>
public static class ParameterFile
{
    /// <summary>Reads a map of names and values, in YAML or JSON.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The values by name, with the types that they have in the file.</returns>
    /// <exception cref="WorkflowException">The file cannot be read, or has mistakes.</exception>
    public static IReadOnlyDictionary<string, JsonBytes> Load(string path) => Load(path, static (_, _) => true);

    /// <summary>Reads a value as it stands on a command line: as JSON when it is JSON, and as text when it is not.</summary>
    /// <param name="text">The value.</param>
    /// <returns>The value as JSON.</returns>
    public static JsonBytes ParseValue(string text)
    {
        try
        {
            return JsonBytes.Parse(text);
        }
        // The second one is System.Text.Json's answer to half of a surrogate pair.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return JsonBytes.FromString(text);
        }
    }

    /// <summary>Reads a map.</summary>
    /// <param name="path">The file.</param>
    /// <param name="accept">Whether a name is a known one; adds a problem when not.</param>
    /// <exception cref="WorkflowException">The file cannot be read, or has mistakes.</exception>
    internal static Dictionary<string, JsonBytes> Load(string path, Func<YamlScalar, ProblemList, bool> accept)
    {
        var text = SourceFile.Read(path, "name the file of parameters in it");
        var problems = new ProblemList(path, text);
        var values = new Dictionary<string, JsonBytes>(StringComparer.Ordinal);
        switch (YamlComposer.Compose(text, problems))
        {
            case YamlMap map:
                foreach (var (key, value) in map.Entries)
                {
                    if (accept(key, problems))
                        values[key.Text] = CoreSchema.ToJson(value, problems);
                }

                break;
            case { } other:
                problems.Add(other.Place, $"the file of parameters is {MapReader.Describe(other)}; it takes a map of names and values, in YAML or JSON.");
                break;
        }

        return problems.IsEmpty ? values : throw problems.ToException();
    }
}
