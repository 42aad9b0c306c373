using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestration.Persistence.Sqlite;

/// <summary>Who holds a data directory, as written to <c>owner.json</c> in it.</summary>
/// <param name="Host">The machine's name.</param>
/// <param name="Pid">The process id on that machine.</param>
/// <param name="Since">When it took the directory, UTC.</param>
public sealed record DataDirectoryOwner(string Host, int Pid, DateTimeOffset Since)
{
    internal static DataDirectoryOwner Current() =>
        new(Environment.MachineName, Environment.ProcessId, DateTimeOffset.UtcNow);

    internal static DataDirectoryOwner? Parse(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, OwnerJson.Default.DataDirectoryOwner);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, OwnerJson.Default.DataDirectoryOwner);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(DataDirectoryOwner))]
internal sealed partial class OwnerJson : JsonSerializerContext;
