using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestration.LocalWhisk.Actions;
using Orchestration.LocalWhisk.Http;

namespace Orchestration.LocalWhisk.Running;

/// <summary>The kinds of action that run here, each on the one version of its interpreter that the machine has.</summary>
internal sealed partial class Runtimes(Interpreter python, Interpreter node, Interpreter dotnet)
{
    public static async Task<Runtimes> FindAsync(LocalWhiskOptions options)
    {
        var (python, node) = (Interpreter.FindPythonAsync(options.PythonCommand), Interpreter.FindNodeAsync(options.NodeCommand));
        return new Runtimes(await python, await node, Interpreter.FindDotNet());
    }

    public Interpreter For(ActionExec exec) => exec.IsPython ? python : exec.IsDotNet ? dotnet : node;

    /// <summary>The kind that is stored for the kind that was asked for. Without an interpreter that is the one asked for.</summary>
    public string ConcreteKind(string kind)
    {
        if (kind == "python:default" || PythonKind().IsMatch(kind))
            return python.Version is { } version ? $"python:{version}" : kind;
        if (kind == "nodejs:default" || NodeKind().IsMatch(kind))
            return node.Version is { } version ? $"nodejs:{version}" : kind;
        if (kind == "dotnet:default" || DotNetKind().IsMatch(kind))
            return dotnet.Version is { } version ? $"dotnet:{version}" : kind;
        var known = string.Join(", ", Kinds().Select(k => $"'{k}'"));
        throw ApiException.BadContent($"The specified runtime '{kind}' is not supported by this platform. Valid values are: {known}");
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteFamily(writer, "python", python.Version);
        WriteFamily(writer, "nodejs", node.Version);
        WriteFamily(writer, "dotnet", dotnet.Version);
        writer.WriteEndObject();
    }

    private static void WriteFamily(Utf8JsonWriter writer, string family, string? version)
    {
        writer.WriteStartArray(family);
        if (version is not null)
        {
            writer.WriteStartObject();
            writer.WriteString("kind"u8, $"{family}:{version}");
            writer.WriteBoolean("default"u8, true);
            writer.WriteBoolean("deprecated"u8, false);
            writer.WriteBoolean("attached"u8, true);
            writer.WriteBoolean("requireMain"u8, family == "dotnet");
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private IEnumerable<string> Kinds()
    {
        yield return "python:default";
        yield return "python:3";
        if (python.Version is { } python3)
            yield return $"python:{python3}";
        yield return "nodejs:default";
        if (node.Version is { } nodeMajor)
            yield return $"nodejs:{nodeMajor}";
        yield return "dotnet:default";
        if (dotnet.Version is { } dotnetVersion)
            yield return $"dotnet:{dotnetVersion}";
    }

    [GeneratedRegex(@"^python:3(\.\d{1,2})?$", RegexOptions.CultureInvariant)]
    private static partial Regex PythonKind();

    [GeneratedRegex(@"^dotnet:\d{1,2}(\.\d{1,2})?$", RegexOptions.CultureInvariant)]
    private static partial Regex DotNetKind();

    [GeneratedRegex(@"^nodejs:\d{1,3}$", RegexOptions.CultureInvariant)]
    private static partial Regex NodeKind();
}
