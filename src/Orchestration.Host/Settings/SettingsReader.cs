using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Orchestration.Host.Commands;
using Orchestration.Host.Running;
using Orchestration.Host.Terminals;
using Orchestration.OpenWhisk;
using Orchestration.Persistence.Sqlite;
using Orchestration.Workflows.Reading;

namespace Orchestration.Host.Settings;

/// <summary>Joins what the command line, the environment and <c>appsettings.json</c> in the working folder say; the first that says something wins.</summary>
internal sealed class SettingsReader
{
    private const string Section = "Orchestration";
    private const string SettingsFile = "appsettings.json";

    // Settings that are not spelled as their options are.
    private static readonly Dictionary<string, string> Known = new() { ["--openwhisk"] = "OpenWhisk" };

    private readonly ParseResult _commandLine;
    private readonly IConfigurationProvider[] _providers;
    private readonly SettingProblems _problems = new();

    private SettingsReader(ParseResult commandLine, IConfigurationProvider[] providers) => (_commandLine, _providers) = (commandLine, providers);

    /// <summary>Reads them.</summary>
    /// <param name="commandLine">The command line.</param>
    /// <param name="check">Looks further whether they can be used; null for a command that needs no more.</param>
    /// <exception cref="CommandException">Values cannot be used; the message tells of all of them.</exception>
    public static HostSettings Read(ParseResult commandLine, Action<HostSettings, SettingProblems>? check = null)
    {
        var reader = Open(commandLine, out _);
        var settings = reader.Read();
        check?.Invoke(settings, reader._problems);
        reader._problems.ThrowIfAny();
        return settings;
    }

    private static SettingsReader Open(ParseResult commandLine, out IConfigurationRoot root)
    {
        var folder = Directory.GetCurrentDirectory();
        try
        {
            root = new ConfigurationBuilder().SetBasePath(folder).AddJsonFile(SettingsFile, optional: true).AddEnvironmentVariables().Build();
        }
        catch (InvalidDataException e)
        {
            throw CommandException.Usage($"{SettingsFile} in {folder} cannot be read: {e.GetBaseException().Message}", e);
        }
        return new SettingsReader(commandLine, [.. root.Providers.Reverse()]);
    }

    /// <summary>Tells of each setting what holds and where it comes from.</summary>
    /// <param name="commandLine">The command line.</param>
    /// <param name="options">The options that are settings as well; each is called as its option is, without hyphens.</param>
    /// <param name="settings">What was read of them.</param>
    public static IReadOnlyList<SettingLine> Explain(ParseResult commandLine, IEnumerable<Option> options, HostSettings settings)
    {
        var reader = Open(commandLine, out var root);
        var lines = options.Select(option => reader.Explain(option, settings)).ToList();
        foreach (var name in LineageChoice.Names)
            if (reader.FromConfiguration($"Lineage:{name}") is { } given)
                lines.Add(new SettingLine($"Lineage:{name}", given.Value, given.Source, true));
        foreach (var (name, _) in PriceChoice.Known)
            if (reader.FromConfiguration($"Prices:{name}") is { } given)
                lines.Add(new SettingLine($"Prices:{name}", given.Value, given.Source, true));
        if (settings.ApiKey is { } key)
            lines.Add(new SettingLine("ApiKey", SettingLine.Hidden, key.Source, true));
        foreach (var secret in root.GetSection($"{Section}:Secrets").GetChildren())
            lines.Add(new SettingLine($"Secrets:{secret.Key}", SettingLine.Hidden, reader.FromConfiguration($"Secrets:{secret.Key}")?.Source ?? SettingsFile, true));
        return lines;
    }

    private SettingLine Explain(Option option, HostSettings settings)
    {
        var name = NameOf(option);
        if (_commandLine.GetResult(option) is { Implicit: false } typed)
            return Set(typed.Tokens.Count == 0 ? "true" : typed.Tokens[0].Value, option.Name);
        var given = FromConfiguration(name) ?? (option == CommonOptions.Server ? settings.Server : option == CommonOptions.AccessKey ? settings.AccessKey : option == CommonOptions.SecretKey ? settings.SecretKey : null);
        if (given is not null)
            return Set(given.Value, given.Source);
        var choice = ChoiceOf(settings);
        if (choice is OpenWhiskChoice.External external && option == CommonOptions.OpenWhisk)
            return Set(external.Options.ApiHost.AbsoluteUri.TrimEnd('/'), external.Source);
        if (choice is OpenWhiskChoice.External stored && option == CommonOptions.Auth)
            return Set(stored.Options.Auth, ".wskprops");
        return new SettingLine(name, DefaultOf(option, settings, choice is OpenWhiskChoice.Local), "default", false);

        SettingLine Set(string value, string source) => new(name, SettingLine.Redact(name, value), source, true);
    }

    // That credentials are missing is told when they are needed.
    private static OpenWhiskChoice? ChoiceOf(HostSettings settings)
    {
        try
        {
            return OpenWhiskChoice.Make(settings);
        }
        catch (CommandException)
        {
            return null;
        }
    }

    private static string NameOf(Option option) => Known.GetValueOrDefault(option.Name)
        ?? string.Concat(option.Name.Split('-', StringSplitOptions.RemoveEmptyEntries).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static string? DefaultOf(Option option, HostSettings settings, bool isLocal)
    {
        if (option is Option<bool>)
            return "false";
        if (option == CommonOptions.DataDirectory)
            return settings.DataDirectory;
        if (option == CommonOptions.OpenWhisk)
            return isLocal ? OpenWhiskChoice.LocalName : null;
        if (option == CommonOptions.ObjectStore)
            return isLocal ? ObjectStores.DefaultLocation(settings) : null;
        if (option == CommonOptions.AccessKey || option == CommonOptions.SecretKey || option == CommonOptions.SecretsFile || option == CommonOptions.Server || option == CommonOptions.Hocon)
            return null;
        return option == CommonOptions.MaxInFlight && isLocal ? RunEnvironment.LocalMaxInFlight.ToString(CultureInfo.InvariantCulture) : TextOfDefault(option);
    }

    // Each option's text ends with its default.
    private static string? TextOfDefault(Option option)
    {
        const string opening = "[default: ";
        var text = option.Description ?? "";
        var start = text.LastIndexOf(opening, StringComparison.Ordinal);
        return start < 0 ? null : text[(start + opening.Length)..].TrimEnd(']');
    }

    private HostSettings Read() => new()
    {
        OpenWhisk = Text(CommonOptions.OpenWhisk, "OpenWhisk"),
        Auth = Text(CommonOptions.Auth, "Auth"),
        Insecure = Flag(CommonOptions.Insecure, "Insecure"),
        ObjectStore = Text(CommonOptions.ObjectStore, "ObjectStore"),
        AccessKey = Text(CommonOptions.AccessKey, "AccessKey") ?? FromVariable("AWS_ACCESS_KEY_ID"),
        SecretKey = Text(CommonOptions.SecretKey, "SecretKey") ?? FromVariable("AWS_SECRET_ACCESS_KEY"),
        Database = Text(CommonOptions.Database, "Database"),
        CatalogDatabase = FromConfiguration("CatalogDatabase"),
        CreateIndexes = Flag("CreateIndexes"),
        DataDirectory = Path.GetFullPath(Text(CommonOptions.DataDirectory, "DataDir")?.Value ?? DataDirectory.DefaultName),
        Secrets = _problems.Try(() => SecretLookup.Open(name => FromConfiguration($"Secrets:{name}")?.Value, Text(CommonOptions.SecretsFile, "SecretsFile"))) ?? SecretLookup.OfEnvironment,
        Hocon = Text(CommonOptions.Hocon, "Hocon") is { } hocon ? _problems.Try(() => HoconFile.Read(hocon)) ?? "" : "",
        PoolSize = Number(CommonOptions.PoolSize, "PoolSize"),
        MaxInFlight = Number(CommonOptions.MaxInFlight, "MaxInFlight"),
        BlockingWait = Duration(Text(CommonOptions.BlockingWait, "BlockingWait"), TimeSpan.FromMilliseconds(1), OpenWhiskOptions.LongestBlockingWait, "1ms to 60s"),
        Lineage = _problems.Try(() => LineageChoice.Read(name => FromConfiguration($"Lineage:{name}"))) ?? LineageChoice.None,
        Prices = name => FromConfiguration($"Prices:{name}"),
        Lease = Duration(FromConfiguration("Lease"), TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), "1s to 1h"),
        Server = _commandLine.CommandResult.Command.Options.Contains(CommonOptions.Server) ? ServerOf() : null,
        ApiKey = FromConfiguration("ApiKey") ?? FromVariable("ORCHESTRATION_API_KEY"),
        Service = new ServiceSettings
        {
            Listen = Text(ServiceOptions.Listen, "Listen"),
            TlsCertificate = Text(ServiceOptions.TlsCertificate, "TlsCertificate"),
            TlsKey = Text(ServiceOptions.TlsKey, "TlsKey"),
            BehindProxy = Flag(ServiceOptions.BehindProxy, "BehindProxy"),
            KeysFile = Text(ServiceOptions.KeysFile, "KeysFile"),
            RateLimit = Number(ServiceOptions.RateLimit, "RateLimit"),
            MaxActive = Number(ServiceOptions.MaxActive, "MaxActive"),
            AbandonAfter = Duration(Text(ServiceOptions.AbandonAfter, "AbandonAfter"), TimeSpan.FromSeconds(1), TimeSpan.FromDays(365), "1s to 365d"),
            Drain = Duration(Text(ServiceOptions.Drain, "Drain"), TimeSpan.Zero, TimeSpan.FromMinutes(10), "0s to 10m"),
            LogFormat = Choice(Text(ServiceOptions.LogFormat, "LogFormat"), "text", "json"),
            LogDirectory = Text(ServiceOptions.LogDirectory, "LogDir"),
        },
        Verbose = Flag(CommonOptions.Verbose, "Verbose") ?? false,
    };

    // Commands that do without a service do not look for one. What is typed means more than what is set: runs in a folder that is named are meant.
    private Given? ServerOf()
    {
        var other = new[] { CommonOptions.DataDirectory, CommonOptions.Database }.FirstOrDefault(o => _commandLine.GetResult(o) is { Implicit: false });
        var server = Text(CommonOptions.Server, "Server") ?? FromVariable("ORCHESTRATION_SERVER");
        if (other is null || server is null)
            return server;
        return server.Source != CommonOptions.Server.Name
            ? null
            : _problems.Try<Given>(() => throw CommandException.Usage($"{server.Source} and {other.Name} name two places for runs. Leave one of them out."));
    }

    private Given? Text(Option<string?> option, string key) =>
        _commandLine.GetResult(option) is not null && _commandLine.GetValue(option) is { Length: > 0 } typed ? new Given(typed, option.Name) : FromConfiguration(key);

    private int? Number(Option<int?> option, string key)
    {
        if (_commandLine.GetResult(option) is not null)
            return _commandLine.GetValue(option);
        if (FromConfiguration(key) is not { } given)
            return null;
        return _problems.Try<int?>(() => int.TryParse(given.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw CommandException.Usage($"{given.Source}: '{given.Value}' is not a number from 1 up."));
    }

    private TimeSpan? Duration(Given? given, TimeSpan least, TimeSpan most, string range)
    {
        if (given is null)
            return null;
        return _problems.Try<TimeSpan?>(() => Durations.TryParse(given.Value, out var duration) && duration >= least && duration <= most
            ? duration
            : throw CommandException.Usage($"{given.Source}: '{given.Value}' is not a duration from {range}. Write it like 500ms or 5s."));
    }

    private Given? Choice(Given? given, params string[] choices) => given is null || choices.Contains(given.Value)
        ? given
        : _problems.Try<Given>(() => throw CommandException.Usage($"{given.Source}: '{given.Value}' is none of {string.Join(", ", choices)}."));

    private bool? Flag(Option<bool> option, string key)
    {
        return _commandLine.GetResult(option) is { Implicit: false } ? _commandLine.GetValue(option) : Flag(key);
    }

    private bool? Flag(string key)
    {
        if (FromConfiguration(key) is not { } given)
            return null;
        return _problems.Try<bool?>(() => bool.TryParse(given.Value, out var flag) ? flag : throw CommandException.Usage($"{given.Source}: '{given.Value}' is neither true nor false."));
    }

    private Given? FromConfiguration(string key)
    {
        foreach (var provider in _providers)
        {
            if (!provider.TryGet($"{Section}:{key}", out var value) || string.IsNullOrWhiteSpace(value))
                continue;
            var isFile = provider is FileConfigurationProvider;
            return new Given(value, isFile ? $"{Section}:{key} in {SettingsFile}" : $"{Section}__{key.Replace(":", "__", StringComparison.Ordinal)} in the environment");
        }
        return null;
    }

    private static Given? FromVariable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? new Given(value, $"{name} in the environment") : null;
}
