using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Orchestration.Host.Commands;
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

    private readonly ParseResult _commandLine;
    private readonly IConfigurationProvider[] _providers;

    private SettingsReader(ParseResult commandLine, IConfigurationProvider[] providers) => (_commandLine, _providers) = (commandLine, providers);

    /// <exception cref="CommandException">A value cannot be used.</exception>
    public static HostSettings Read(ParseResult commandLine)
    {
        var folder = Directory.GetCurrentDirectory();
        IConfigurationRoot root;
        try
        {
            root = new ConfigurationBuilder().SetBasePath(folder).AddJsonFile(SettingsFile, optional: true).AddEnvironmentVariables().Build();
        }
        catch (InvalidDataException e)
        {
            throw CommandException.Usage($"{SettingsFile} in {folder} cannot be read: {e.GetBaseException().Message}", e);
        }
        return new SettingsReader(commandLine, [.. root.Providers.Reverse()]).Read();
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
        CreateIndexes = Flag("CreateIndexes"),
        DataDirectory = Path.GetFullPath(Text(CommonOptions.DataDirectory, "DataDir")?.Value ?? DataDirectory.DefaultName),
        Secrets = SecretLookup.Open(name => FromConfiguration($"Secrets:{name}")?.Value, Text(CommonOptions.SecretsFile, "SecretsFile")),
        PoolSize = Number(CommonOptions.PoolSize, "PoolSize"),
        MaxInFlight = Number(CommonOptions.MaxInFlight, "MaxInFlight"),
        BlockingWait = BlockingWait(),
        Verbose = Flag(CommonOptions.Verbose, "Verbose") ?? false,
    };

    private Given? Text(Option<string?> option, string key) =>
        _commandLine.GetResult(option) is not null && _commandLine.GetValue(option) is { Length: > 0 } typed ? new Given(typed, option.Name) : FromConfiguration(key);

    private int? Number(Option<int?> option, string key)
    {
        if (_commandLine.GetResult(option) is not null)
            return _commandLine.GetValue(option);
        if (FromConfiguration(key) is not { } given)
            return null;
        return int.TryParse(given.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw CommandException.Usage($"{given.Source}: '{given.Value}' is not a number from 1 up.");
    }

    private TimeSpan? BlockingWait()
    {
        if (Text(CommonOptions.BlockingWait, "BlockingWait") is not { } given)
            return null;
        return Durations.TryParse(given.Value, out var wait) && wait >= TimeSpan.FromMilliseconds(1) && wait <= OpenWhiskOptions.LongestBlockingWait
            ? wait
            : throw CommandException.Usage($"{given.Source}: '{given.Value}' is not a duration from 1ms to 60s. Write it like 500ms or 5s.");
    }

    private bool? Flag(Option<bool> option, string key)
    {
        return _commandLine.GetResult(option) is { Implicit: false } ? _commandLine.GetValue(option) : Flag(key);
    }

    private bool? Flag(string key)
    {
        if (FromConfiguration(key) is not { } given)
            return null;
        return bool.TryParse(given.Value, out var flag) ? flag : throw CommandException.Usage($"{given.Source}: '{given.Value}' is neither true nor false.");
    }

    private Given? FromConfiguration(string key)
    {
        foreach (var provider in _providers)
        {
            if (!provider.TryGet($"{Section}:{key}", out var value) || string.IsNullOrWhiteSpace(value))
                continue;
            var isFile = provider is FileConfigurationProvider;
            return new Given(value, isFile ? $"{Section}:{key} in {SettingsFile}" : $"{Section}__{key} in the environment");
        }
        return null;
    }

    private static Given? FromVariable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? new Given(value, $"{name} in the environment") : null;
}
