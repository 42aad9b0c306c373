using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestration.Host.Storage;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Keys;

/// <summary>The file with the keys of the API, hashed; readable by its user only.</summary>
/// <param name="path">The file.</param>
internal sealed class ApiKeyFile(string path)
{
    /// <summary>The file of a data directory.</summary>
    public static string DefaultPath(string dataDirectory) => System.IO.Path.Combine(dataDirectory, "keys.json");

    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>The keys, in the order in which they were made; none when there is no file.</summary>
    /// <exception cref="CommandException">It cannot be read.</exception>
    public IReadOnlyList<ApiKey> Read()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), ApiKeyJson.Default.ListApiKey) ?? [];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw CommandException.Failure($"The file of API keys '{path}' cannot be read: {e.Message} Mend its permissions or its JSON; or remove it, and make new keys with {CommandName.Text} keys add.", e);
        }
    }

    /// <summary>Makes a key and keeps it.</summary>
    /// <returns>The key and what its holder sends, which is kept nowhere.</returns>
    /// <exception cref="CommandException">There is one of that name.</exception>
    public (ApiKey Key, string Token) Add(string name, ApiScope scope, DateTimeOffset now, DateTimeOffset? expiresAt)
    {
        var made = ApiKey.Make(name, scope, now, expiresAt);
        Change(keys => keys.Any(k => k.Name == name)
            ? throw CommandException.Usage($"There is a key of the name '{name}' already. Take another name, or remove it first: {CommandName.Text} keys remove {name}")
            : [.. keys, made.Key]);
        return made;
    }

    /// <summary>Removes a key; a service refuses it from now on.</summary>
    /// <param name="name">Its name or id.</param>
    /// <exception cref="CommandException">There is none.</exception>
    public void Remove(string name) => Change(keys => keys.Any(k => k.Name == name || k.Id == name)
        ? [.. keys.Where(k => k.Name != name && k.Id != name)]
        : throw CommandException.Usage($"There is no key '{name}' in {path}. {(keys.Count == 0 ? "It has none." : $"It has: {string.Join(", ", keys.Select(k => k.Name))}.")}"));

    private void Change(Func<IReadOnlyList<ApiKey>, List<ApiKey>> change)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
        // Who changes it meanwhile would lose one of the changes.
        using var alone = new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var keys = change(Read());
        PrivateFile.Write(path, stream => JsonSerializer.Serialize(stream, keys, ApiKeyJson.Default.ListApiKey));
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(List<ApiKey>))]
internal sealed partial class ApiKeyJson : JsonSerializerContext;
