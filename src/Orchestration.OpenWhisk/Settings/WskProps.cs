namespace Orchestration.OpenWhisk;

/// <summary>
/// The settings that <c>wsk</c> keeps: <c>~/.wskprops</c>, or the file that <c>WSK_CONFIG_FILE</c> names. Lines <c>KEY=VALUE</c>, <c>#</c> begins a
/// comment (source: <c>ReadProps</c> of apache/openwhisk-client-go). Members are null where the file doesn't set them.
/// </summary>
public sealed class WskProps
{
    private WskProps(string path) => Path = path;

    /// <summary>The file they come from.</summary>
    public string Path { get; }

    /// <summary><c>APIHOST</c>, with https when it has no scheme.</summary>
    public Uri? ApiHost { get; private set; }

    /// <summary><c>AUTH</c>.</summary>
    public string? Auth { get; private set; }

    /// <summary><c>NAMESPACE</c>.</summary>
    public string? Namespace { get; private set; }

    /// <summary><c>APIVERSION</c>, such as <c>v1</c>.</summary>
    public string? ApiVersion { get; private set; }

    /// <summary>Reads the file.</summary>
    /// <returns>The settings; null when <c>WSK_CONFIG_FILE</c> is not set and there is no <c>~/.wskprops</c>.</returns>
    /// <exception cref="OpenWhiskException">The file cannot be read or has a mistake (the message names the line), or <c>WSK_CONFIG_FILE</c> names none.</exception>
    public static WskProps? Load() =>
        Load(Environment.GetEnvironmentVariable("WSK_CONFIG_FILE"), Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    internal static WskProps? Load(string? configFile, string home)
    {
        var named = !string.IsNullOrEmpty(configFile);
        var path = named ? configFile! : System.IO.Path.Combine(home, ".wskprops");
        if (!File.Exists(path))
            return named ? throw new OpenWhiskException($"WSK_CONFIG_FILE names {path}, which is not there. Unset it to use ~/.wskprops, or write the file with 'wsk property set'.") : null;
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OpenWhiskException($"{path} cannot be read: {e.Message}", e);
        }
        return Parse(path, lines);
    }

    private static WskProps Parse(string path, string[] lines)
    {
        var props = new WskProps(path);
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            var comment = line.IndexOf('#', StringComparison.Ordinal);
            var text = (comment < 0 ? line : line[..comment]).Trim();
            if (text.Length == 0)
                continue;
            var source = $"{path}, line {i + 1}";
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            // The line may hold a key, so the message doesn't repeat it.
            if (equals <= 0)
                throw new OpenWhiskException($"{source}: not of the form KEY=VALUE.");
            props.Set(text[..equals].Trim(), text[(equals + 1)..].Trim(), source);
        }
        return props;
    }

    private void Set(string key, string value, string source)
    {
        // An empty value means not set: 'wsk property unset' leaves such lines.
        if (value.Length == 0)
            return;
        switch (key)
        {
            case "APIHOST":
                ApiHost = OpenWhiskOptions.ParseApiHost(value, $"{source}, APIHOST");
                break;
            case "AUTH":
                Auth = OpenWhiskOptions.ParseAuth(value, $"{source}, AUTH");
                break;
            case "NAMESPACE":
                Namespace = value;
                break;
            case "APIVERSION":
                ApiVersion = value.All(char.IsAsciiLetterOrDigit)
                    ? value
                    : throw new OpenWhiskException($"{source}, APIVERSION: '{value}' is no version. It is v1 in every known OpenWhisk.");
                break;
        }
    }
}
