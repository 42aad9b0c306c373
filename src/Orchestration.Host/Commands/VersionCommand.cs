using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using Orchestration.Core.Json;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Commands;

/// <summary><c>version</c>: the program's version and what it runs on.</summary>
internal static class VersionCommand
{
    private const int CommitDigits = 12;

    // The commit behind the + is told apart by its first digits.
    private static string Version
    {
        get
        {
            var version = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
            var plus = version.IndexOf('+', StringComparison.Ordinal);
            return plus < 0 ? version : version[..Math.Min(version.Length, plus + 1 + CommitDigits)];
        }
    }

    public static Command Create()
    {
        var command = new Command("version", "Show the version of the program, of .NET and of the system.") { CommonOptions.Format, CommonOptions.Json };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult line)
    {
        var version = Version;
        var format = Invocations.FormatOf(line);
        if (format == OutputFormat.Table)
        {
            Console.WriteLine($"orchestration {version} (.NET {Environment.Version}, {RuntimeInformation.RuntimeIdentifier})");
            return ExitCodes.Completed;
        }
        Terminal.PrintDocument(
            JsonBytes.Write(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("version", version);
                writer.WriteString("runtime", Environment.Version.ToString());
                writer.WriteString("platform", RuntimeInformation.RuntimeIdentifier);
                writer.WriteEndObject();
            }).Utf8,
            format);
        return ExitCodes.Completed;
    }
}
