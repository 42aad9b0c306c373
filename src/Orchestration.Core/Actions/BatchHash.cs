using System.Security.Cryptography;
using Orchestration.Core.Json;
using Orchestration.Core.Serialization;

namespace Orchestration.Core.Actions;

/// <summary>Tells whether two batches are the same.</summary>
public static class BatchHash
{
    /// <summary>The hash of a batch's names, parameters and options; its key is left out.</summary>
    /// <param name="batch">The batch.</param>
    /// <returns>SHA-256 in lower-case hexadecimal digits.</returns>
    public static string Of(BatchSpec batch)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(JsonBytes.Write(writer => SpecJson.Write(writer, batch.Options)).Utf8.Span);
        foreach (var action in batch.Actions)
            hash.AppendData(JsonBytes.Write(writer => SpecJson.Write(writer, action)).Utf8.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
