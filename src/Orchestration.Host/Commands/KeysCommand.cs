using System.CommandLine;
using Orchestration.Core.Json;
using Orchestration.Host.Keys;
using Orchestration.Host.Settings;
using Orchestration.Host.Terminals;
using Orchestration.Workflows.Reading;
using Spectre.Console;

namespace Orchestration.Host.Commands;

/// <summary><c>keys</c>: who may use the HTTP API of a service from elsewhere.</summary>
internal static class KeysCommand
{
    private const int LongestName = 64;

    private static readonly Argument<string> Name = new("NAME") { Description = "Who holds the key; stands in the audit" };

    private static readonly Argument<string> NameOrId = new("NAME|ID") { Description = "The key's name, or its id" };

    private static readonly Option<string?> Scope = new("--scope")
    {
        HelpName = "SCOPE",
        Description = "read: look at runs; run: start and change them too; admin: use files of the service's machine too [default: run]",
    };

    private static readonly Option<string?> Expires = new("--expires") { HelpName = "DURATION", Description = "After how long it is refused, such as 90d [default: never]" };

    public static Command Create()
    {
        Scope.AcceptOnlyFromAmong([.. Enum.GetNames<ApiScope>().Select(s => s.ToLowerInvariant())]);
        return new Command("keys", "Make and remove keys of the HTTP API.")
        {
            New("add", "Make a key and print it; it is kept as a hash, so this is the only time.", Add, Name, Scope, Expires, CommonOptions.Json),
            New("list", "List the keys.", List, CommonOptions.Format, CommonOptions.Json),
            New("remove", "Remove a key; services refuse it at once.", Remove, NameOrId),
        };
    }

    private static Command New(string name, string description, Func<Invocation, ApiKeyFile, int> run, params Symbol[] parts)
    {
        var command = new Command(name, description);
        foreach (var argument in parts.OfType<Argument>())
            command.Arguments.Add(argument);
        foreach (var option in parts.OfType<Option>().Concat([ServiceOptions.KeysFile, CommonOptions.DataDirectory, CommonOptions.Verbose]))
            command.Options.Add(option);
        command.SetAction((line, _) => Invocations.RunAsync(line, invocation => Task.FromResult(run(invocation, FileOf(invocation.Settings)))));
        return command;
    }

    /// <summary>The file that the settings name.</summary>
    public static ApiKeyFile FileOf(HostSettings settings) =>
        new(settings.Service.KeysFile is { } given ? Path.GetFullPath(given.Value) : ApiKeyFile.DefaultPath(settings.DataDirectory));

    private static int Add(Invocation invocation, ApiKeyFile file)
    {
        var line = invocation.Line;
        var name = line.GetRequiredValue(Name);
        if (name.Length is 0 or > LongestName || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or '@')))
            throw CommandException.Usage($"'{Humanize.Shorten(name, 70)}' is no name of a key: it has 1 to {LongestName} letters, digits and - _ . @");
        var now = DateTimeOffset.UtcNow;
        var scope = Enum.Parse<ApiScope>(line.GetValue(Scope) ?? nameof(ApiScope.Run), ignoreCase: true);
        var (key, token) = file.Add(name, scope, now, line.GetValue(Expires) is not { } expires ? null
            : Durations.TryParse(expires, out var duration) && duration > TimeSpan.Zero ? now + duration
            : throw CommandException.Usage($"{Expires.Name}: '{expires}' is not a duration. Write it like 12h or 90d."));
        if (invocation.Format == OutputFormat.Table)
        {
            // On stdout stands the key alone, for $(…).
            Console.Error.WriteLine($"The key '{name}' ({scope.ToString().ToLowerInvariant()}), kept as a hash in {file.Path}. It is shown only now:");
            Console.Out.WriteLine(token);
        }
        else
        {
            Terminal.PrintDocument(JsonBytes.Write(writer =>
            {
                writer.WriteStartObject();
                Write(writer, key);
                writer.WriteString("token", token);
                writer.WriteEndObject();
            }).Utf8, invocation.Format);
        }
        return ExitCodes.Completed;
    }

    private static int List(Invocation invocation, ApiKeyFile file)
    {
        var keys = file.Read();
        if (invocation.Format != OutputFormat.Table)
        {
            Terminal.PrintDocument(JsonBytes.Write(writer =>
            {
                writer.WriteStartObject();
                writer.WriteStartArray("keys");
                foreach (var key in keys)
                {
                    writer.WriteStartObject();
                    Write(writer, key);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
                writer.WriteEndObject();
            }).Utf8, invocation.Format);
            return ExitCodes.Completed;
        }
        if (keys.Count == 0)
        {
            invocation.Terminal.Say($"There is no key in {file.Path}. Make one: {CommandName.Text} keys add NAME");
            return ExitCodes.Completed;
        }
        var now = DateTimeOffset.UtcNow;
        var table = Reports.Columns.NewTable("Key", "Name", "Scope", "Made", "Expires");
        foreach (var key in keys)
            table.AddRow(key.Id, key.Name, key.Scope.ToString().ToLowerInvariant(), Humanize.Time(key.CreatedAt), key.ExpiresAt is not { } at ? "never" : at <= now ? $"{Humanize.Time(at)} (expired)" : Humanize.Time(at));
        invocation.Terminal.Rich.Write(table);
        return ExitCodes.Completed;
    }

    private static int Remove(Invocation invocation, ApiKeyFile file)
    {
        var name = invocation.Line.GetRequiredValue(NameOrId);
        file.Remove(name);
        invocation.Terminal.Say($"removed '{name}' from {file.Path}");
        return ExitCodes.Completed;
    }

    private static void Write(System.Text.Json.Utf8JsonWriter writer, ApiKey key)
    {
        writer.WriteString("id", key.Id);
        writer.WriteString("name", key.Name);
        writer.WriteString("scope", key.Scope.ToString().ToLowerInvariant());
        writer.WriteString("createdAt", key.CreatedAt.UtcDateTime);
        if (key.ExpiresAt is { } expires)
            writer.WriteString("expiresAt", expires.UtcDateTime);
        else
            writer.WriteNull("expiresAt");
    }
}
