using System.Text.Json;
using Orchestration.Host.Storage;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Settings;

/// <summary>Credentials of an OpenWhisk elsewhere that a service keeps in its data directory, readable by its user only, so that it can go on with its runs when it is started again.</summary>
internal static class KeptCredentials
{
    private const string FileName = "credentials.json";

    /// <summary>Keeps them.</summary>
    /// <param name="dataDirectory">Where.</param>
    /// <param name="host">The OpenWhisk.</param>
    /// <param name="auth">The credentials.</param>
    /// <exception cref="IOException">They cannot be written.</exception>
    public static void Keep(string dataDirectory, Uri host, string auth)
    {
        var all = Read(dataDirectory);
        if (all.GetValueOrDefault(host.AbsoluteUri) == auth)
            return;
        all[host.AbsoluteUri] = auth;
        PrivateFile.Write(Path.Combine(dataDirectory, FileName), stream => JsonSerializer.Serialize(stream, all));
    }

    /// <summary>Finds those of a host; null when none are kept.</summary>
    public static string? Find(string dataDirectory, Uri host) => Read(dataDirectory).GetValueOrDefault(host.AbsoluteUri);

    private static Dictionary<string, string> Read(string dataDirectory)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllBytes(Path.Combine(dataDirectory, FileName))) ?? [];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (JsonException e)
        {
            throw CommandException.Failure($"'{Path.Combine(dataDirectory, FileName)}' cannot be read: {e.Message} Remove it and give the credentials with --auth.", e);
        }
    }
}
