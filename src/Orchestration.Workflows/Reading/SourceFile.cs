using System.Text;
using Orchestration.Workflows.Yaml;

namespace Orchestration.Workflows.Reading;

/// <summary>Reads a whole YAML file as text.</summary>
internal static class SourceFile
{
    /// <summary>Reads the text.</summary>
    /// <param name="path">The file.</param>
    /// <param name="ifFolder">What to do when the path is a folder, for people.</param>
    /// <exception cref="WorkflowException">It cannot be read.</exception>
    public static string Read(string path, string ifFolder)
    {
        try
        {
            var file = new FileInfo(path);
            if (Directory.Exists(path))
                throw WorkflowException.Of(path, $"this is a folder; {ifFolder}.");
            if (!file.Exists)
                throw WorkflowException.Of(path, "there is no such file; check the path and the folder you are in.");
            if (file.Length > 4L * YamlComposer.MaxCharacters)
                throw WorkflowException.Of(path, $"the file has {file.Length} bytes; at most {YamlComposer.MaxCharacters} characters are read. Pass large data through the object store.");
            return File.ReadAllText(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException)
        {
            throw WorkflowException.Of(path, "the file is not UTF-8 text; save it as UTF-8.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw WorkflowException.Of(path, $"the file cannot be read: {e.Message}");
        }
    }
}
