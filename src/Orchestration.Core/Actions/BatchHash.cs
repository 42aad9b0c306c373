using System.Security.Cryptography;
using Orchestration.Core.Json;
using Orchestration.Core.Serialization;

namespace Orchestration.Core.Actions;

/// <summary>Tells whether two batches are the same.</summary>
public static class BatchHash
{
    private const int PassedAtOnce = 16_000;

    /// <summary>The hash of a batch's names, parameters and options; its key is left out.</summary>
    /// <param name="batch">The batch.</param>
    /// <returns>SHA-256 in lower-case hexadecimal digits.</returns>
    public static string Of(BatchSpec batch)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var output = JsonOutput.Take();
        Action<ReadOnlySpan<byte>> append = hash.AppendData;
        SpecJson.Write(output.Writer, batch.Options);
        foreach (var action in batch.Actions)
        {
            output.EndValue();
            if (output.Length > PassedAtOnce)
                output.Pass(append);
            SpecJson.Write(output.Writer, action);
        }

        output.Pass(append);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
