using System.Formats.Tar;
using System.IO.Compression;
using Orchestration.LocalWhisk.Actions;

namespace Orchestration.LocalWhisk.Running;

/// <summary>The action's code cannot be put into a folder; the message is the activation's error, the detail goes to its log.</summary>
internal sealed class CodeException(string error, string detail) : Exception(error)
{
    public string Detail { get; } = detail;
}

/// <summary>Unpacks an action's code into the working folder of a process.</summary>
internal static class CodeFolder
{
    private static ReadOnlySpan<byte> Gzip => [0x1f, 0x8b];

    private static ReadOnlySpan<byte> Zip => "PK"u8;

    public static void Unpack(ActionExec exec, string folder)
    {
        if (string.IsNullOrWhiteSpace(exec.Code) || string.IsNullOrWhiteSpace(exec.EntryPoint))
            throw new CodeException("Missing main/no code to execute.", "The action has no code, or its entry point has no name.");
        if (!exec.Binary && exec.IsDotNet)
            throw new CodeException("code must be binary (zip file).", "The code of a .NET action is a zip file of a published library, in base64.");
        if (!exec.Binary)
        {
            File.WriteAllText(Path.Combine(folder, exec.IsPython ? "__main__.py" : "index.js"), exec.Code);
            return;
        }
        try
        {
            UnpackArchive(Convert.FromBase64String(exec.Code.Trim()), folder);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or EndOfStreamException)
        {
            throw new CodeException(
                exec.IsDotNet ? "Unable to decompress package." : exec.IsPython ? "The action failed to generate or locate a binary. See logs for details." : "Initialization has failed due to: Error: There was an error uncompressing the action archive.",
                $"The action's code is neither source text nor a zip or tar.gz file in base64: {e.Message}");
        }
    }

    private static void UnpackArchive(byte[] archive, string folder)
    {
        using var stream = new MemoryStream(archive);
        if (archive.AsSpan().StartsWith(Zip))
        {
            ZipFile.ExtractToDirectory(stream, folder);
        }
        else if (archive.AsSpan().StartsWith(Gzip))
        {
            using var unzipped = new GZipStream(stream, CompressionMode.Decompress);
            TarFile.ExtractToDirectory(unzipped, folder, overwriteFiles: true);
        }
        else
        {
            throw new InvalidDataException("it begins with the mark of neither.");
        }
    }
}
