using System.CommandLine;
using System.Globalization;

namespace Orchestration.Host.Commands;

/// <summary>The options that several commands share. Their defaults depend on the settings, so the texts state them.</summary>
internal static class CommonOptions
{
    public static readonly Option<string?> OpenWhisk = new("--openwhisk")
    {
        HelpName = "URL|local",
        Description = "OpenWhisk to run on; 'local' is the one built in [default: the one of .wskprops when there is one, else local]",
    };

    public static readonly Option<string?> Auth = new("--auth")
    {
        HelpName = "UUID:KEY",
        Description = "OpenWhisk's credentials [default: AUTH of .wskprops; for local a new one each time]",
    };

    public static readonly Option<bool> Insecure = new("--insecure")
    {
        Description = "Accept any TLS certificate of OpenWhisk [default: certificates are verified]",
    };

    public static readonly Option<string?> ObjectStore = new("--object-store")
    {
        HelpName = "URL|file:DIR",
        Description = "Object store: an S3 server, or a folder [default: file:<data-dir>/store with the local OpenWhisk, else none]",
    };

    public static readonly Option<string?> AccessKey = new("--access-key")
    {
        HelpName = "K",
        Description = "The S3 server's access key [default: AWS_ACCESS_KEY_ID]",
    };

    public static readonly Option<string?> SecretKey = new("--secret-key")
    {
        HelpName = "S",
        Description = "The S3 server's secret key [default: AWS_SECRET_ACCESS_KEY]",
    };

    public static readonly Option<string?> SecretsFile = new("--secrets-file")
    {
        HelpName = "FILE",
        Description = "A file with lines NAME=value for secrets of the workflow [default: the environment and the settings alone]",
    };

    public static readonly Option<string?> DataDirectory = new("--data-dir")
    {
        HelpName = "DIR",
        Description = "Where runs, local actions and objects are kept [default: .orchestration in the working folder]",
    };

    public static readonly Option<string?> Database = new("--database")
    {
        HelpName = "sqlite|mongodb://…",
        Description = "Where runs are stored: files in the data directory, or a MongoDB server; put a connection string with a password into Orchestration__Database in the environment instead [default: sqlite]",
    };

    public static readonly Option<string?> Server = new("--server")
    {
        HelpName = "URL",
        Description = "A service whose runs are meant, in place of those stored here; its API key goes into ORCHESTRATION_API_KEY [default: ORCHESTRATION_SERVER]",
    };

    public static readonly Option<int?> PoolSize = AtLeastOne(new("--pool-size")
    {
        HelpName = "N",
        Description = "The most ActionActors of an orchestration [default: 1000]",
    });

    public static readonly Option<int?> MaxInFlight = AtLeastOne(new("--max-in-flight")
    {
        HelpName = "N",
        Description = "The most activations of the namespace at once [default: the namespace's own limit; 30 when it tells none]",
    });

    public static readonly Option<string?> BlockingWait = new("--blocking-wait")
    {
        HelpName = "DURATION",
        Description = "How long OpenWhisk holds an invoke for its result before it answers with the activation's id only, 1ms to 60s [default: 5s]",
    };

    public static readonly Option<string?> Hocon = new("--hocon")
    {
        HelpName = "FILE",
        Description = "Settings of the actor system in HOCON, such as one of hocon/ with changes; options mean more [default: none]",
    };

    public static readonly Option<bool> Verbose = new("--verbose")
    {
        Description = "Show the log, and stack traces of errors [default: warnings only]",
    };

    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Print one JSON document on stdout and nothing else there [default: text for people]",
    };

    public static readonly Option<string?> Format = NewFormat();

    public static readonly Option<string?> Report = new("--report")
    {
        HelpName = "FILE",
        Description = "Write the report as JSON into FILE; progress and tables stay on the terminal [default: none]",
    };

    public static readonly Option<bool> NoBodies = new("--no-bodies")
    {
        Description = "Leave the actions' parameters and results out of the JSON report [default: they are in it]",
    };

    public static readonly Option<bool> Quiet = new("--quiet", "-q")
    {
        Description = "Show no progress, only the report, warnings and errors [default: progress is shown]",
    };

    /// <summary>What a command takes that sees a run to its end.</summary>
    public static void AddSession(Command command)
    {
        foreach (var option in new Option[] { Report, NoBodies, Quiet, Json })
            command.Options.Add(option);
    }

    /// <summary>The options that can also be set in the environment and in <c>appsettings.json</c>.</summary>
    public static IReadOnlyList<Option> Settings => [.. Platform, SecretsFile, Server, .. ServiceOptions.All];

    private static IReadOnlyList<Option> Platform => [OpenWhisk, Auth, Insecure, ObjectStore, AccessKey, SecretKey, Database, DataDirectory, PoolSize, MaxInFlight, BlockingWait, Hocon, Verbose];

    /// <summary>What runs on an OpenWhisk takes.</summary>
    public static void AddPlatform(Command command)
    {
        foreach (var option in Platform)
            command.Options.Add(option);
    }

    /// <summary>What only looks at stored runs takes.</summary>
    public static void AddStored(Command command)
    {
        foreach (var option in new Option[] { Server, Database, DataDirectory, Verbose })
            command.Options.Add(option);
    }

    private static Option<string?> NewFormat()
    {
        var option = new Option<string?>("--output", "-o")
        {
            HelpName = "FORMAT",
            Description = "table for people, json or yaml for programs; --json is the same as -o json [default: table]",
        };
        option.AcceptOnlyFromAmong("table", "json", "yaml");
        return option;
    }

    /// <summary>Lets an option take numbers from 1 up.</summary>
    public static Option<int?> AtLeastOne(Option<int?> option)
    {
        option.CustomParser = result =>
        {
            var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
                return number;
            result.AddError($"{option.Name}: '{text}' is not a number from 1 up.");
            return null;
        };
        return option;
    }
}
