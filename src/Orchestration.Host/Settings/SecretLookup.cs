using Orchestration.Core.Ports;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Settings;

/// <summary>
/// Finds the values of a workflow's secrets: in the environment, in the settings, and in a file, in this order. Values are never printed,
/// so this is a class without text of its own.
/// </summary>
internal sealed class SecretLookup : ISecretSource
{
    private readonly Func<string, string?> _setting;
    private readonly Dictionary<string, string> _inFile;

    private SecretLookup(Func<string, string?> setting, string? file, Dictionary<string, string> inFile) => (_setting, File, _inFile) = (setting, file, inFile);

    /// <summary>Knows only the environment.</summary>
    public static SecretLookup OfEnvironment { get; } = new(_ => null, null, []);

    /// <summary>The file's absolute path; null when none was given.</summary>
    public string? File { get; }

    /// <summary>Makes a lookup.</summary>
    /// <param name="setting">Gives the setting <c>Orchestration:Secrets:NAME</c>.</param>
    /// <param name="file">The file with values, and where it was given; null for none.</param>
    /// <exception cref="CommandException">The file cannot be read, or a line has another form than NAME=value.</exception>
    public static SecretLookup Open(Func<string, string?> setting, Given? file)
    {
        if (file is null)
            return new SecretLookup(setting, null, []);
        var path = Path.GetFullPath(file.Value);
        try
        {
            return new SecretLookup(setting, path, Parse(System.IO.File.ReadAllLines(path), path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Usage($"{file.Source}: the file of secrets '{path}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The same settings with another file.</summary>
    /// <exception cref="CommandException">The file cannot be read.</exception>
    public SecretLookup WithFile(Given file) => Open(_setting, file);

    /// <summary>Checks that every secret has a value, before anything is started.</summary>
    /// <exception cref="CommandException">One has none; the message names the places.</exception>
    public void Require(IEnumerable<string> names)
    {
        var missing = names.Where(n => Find(n) is null).ToList();
        if (missing.Count > 0)
            throw CommandException.Usage(string.Join("\n", missing.Select(n => $"The secret '{n}' has no value; looked for in {DescribePlaces(n)}.")));
    }

    /// <inheritdoc />
    public string? Find(string name) => Filled(Environment.GetEnvironmentVariable(name)) ?? Filled(_setting(name)) ?? Filled(_inFile.GetValueOrDefault(name));

    /// <inheritdoc />
    public string DescribePlaces(string name) =>
        $"the environment variable {name}, the setting Orchestration:Secrets:{name} (in appsettings.json, or Orchestration__Secrets__{name} in the environment), and "
        + (File is null ? "a file, but none is given with --secrets-file" : $"the file {File}");

    private static string? Filled(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private static Dictionary<string, string> Parse(string[] lines, string path)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            // The line itself is not repeated: it may hold a value.
            if (equals <= 0)
                throw CommandException.Usage($"{path}:{i + 1}: a line of a file of secrets is NAME=value.");
            values[line[..equals].TrimEnd()] = Unquoted(line[(equals + 1)..].TrimStart());
        }
        return values;
    }

    private static string Unquoted(string value) =>
        value.Length >= 2 && value[0] is '"' or '\'' && value[^1] == value[0] ? value[1..^1] : value;
}
