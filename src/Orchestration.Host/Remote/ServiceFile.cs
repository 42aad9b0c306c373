using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestration.Host.Storage;

namespace Orchestration.Host.Remote;

/// <summary>
/// Where a process of this machine serves others, and the secret that lets them in: a file that only its user can read, there as long as the
/// process serves. One that a killed process has left counts as none.
/// </summary>
/// <param name="Pid">The process.</param>
/// <param name="Host">Its machine.</param>
/// <param name="Since">When the file was written, UTC.</param>
/// <param name="Url">Its base URL, on loopback.</param>
/// <param name="Secret">What it asks callers for.</param>
/// <param name="ObjectStore">The object store of the actions that it runs; null when it has none.</param>
internal sealed record ServiceFile(int Pid, string Host, DateTimeOffset Since, string Url, string Secret, string? ObjectStore)
{
    /// <summary>The file of the local OpenWhisk that <c>dev</c> runs in a data directory.</summary>
    public static string OfDev(string dataDirectory) => Path.Combine(dataDirectory, "dev.json");

    /// <summary>The file of the local OpenWhisk that the process has which works on the runs of a data directory.</summary>
    public static string OfWhisk(string dataDirectory) => Path.Combine(dataDirectory, "whisk.json");

    /// <summary>The file of the process that works on the runs of a data directory.</summary>
    public static string OfOwner(string dataDirectory) => Path.Combine(dataDirectory, "api.json");

    /// <summary>Tells others of this process until disposed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="url">Where it serves.</param>
    /// <param name="secret">What it asks callers for.</param>
    /// <param name="objectStore">The object store of its actions; null for none.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static IDisposable Publish(string path, string url, string secret, string? objectStore)
    {
        var file = new ServiceFile(Environment.ProcessId, Environment.MachineName, DateTimeOffset.UtcNow, url, secret, objectStore);
        PrivateFile.Write(path, stream => JsonSerializer.Serialize(stream, file, ServiceFileJson.Default.ServiceFile));
        return new Published(path, file);
    }

    /// <summary>Reads the file of a process that is alive.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The file; null when there is none, or its process has ended.</returns>
    public static ServiceFile? FindLive(string path) => Read(path) is { } file && LiveOwner.IsAlive(file.Host, file.Pid, file.Since) ? file : null;

    private static ServiceFile? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), ServiceFileJson.Default.ServiceFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private sealed class Published(string path, ServiceFile file) : IDisposable
    {
        public void Dispose()
        {
            // Another process may have taken the place of this one.
            if (Read(path) == file)
                File.Delete(path);
        }
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(ServiceFile))]
internal sealed partial class ServiceFileJson : JsonSerializerContext;
