using System.CommandLine;

namespace Orchestration.Host.Commands;

/// <summary>The options of <c>serve</c> that are settings as well.</summary>
internal static class ServiceOptions
{
    public static readonly Option<string?> Listen = new("--listen")
    {
        HelpName = "ADDRESS:PORT",
        Description = "Where to serve; other addresses than loopback ones demand API keys, and TLS or --behind-proxy [default: a free port of 127.0.0.1]",
    };

    public static readonly Option<string?> TlsCertificate = new("--tls-certificate")
    {
        HelpName = "FILE",
        Description = "A PEM file with the certificate for TLS; read again when it changes [default: none]",
    };

    public static readonly Option<string?> TlsKey = new("--tls-key")
    {
        HelpName = "FILE",
        Description = "A PEM file with the certificate's private key [default: none]",
    };

    public static readonly Option<bool> BehindProxy = new("--behind-proxy")
    {
        Description = "A reverse proxy makes TLS and tells in X-Forwarded-For who asks [default: false]",
    };

    public static readonly Option<string?> KeysFile = new("--keys-file")
    {
        HelpName = "FILE",
        Description = "Where the API keys are kept, hashed [default: keys.json in the data directory]",
    };

    public static readonly Option<int?> RateLimit = CommonOptions.AtLeastOne(new("--rate-limit")
    {
        HelpName = "N",
        Description = $"The most requests of an API key per second [default: {Api.ApiServerOptions.DefaultRateLimit}]",
    });

    public static readonly Option<int?> MaxActive = CommonOptions.AtLeastOne(new("--max-active")
    {
        HelpName = "N",
        Description = "The most orchestrations that run at once; others are stored and wait their turn [default: any number]",
    });

    public static readonly Option<string?> AbandonAfter = new("--abandon-after")
    {
        HelpName = "DURATION",
        Description = "Fail a run whose batches a client makes when for so long nobody has added one or waited for one [default: 24h]",
    };

    public static readonly Option<string?> Drain = new("--drain")
    {
        HelpName = "DURATION",
        Description = "How long to wait at the end for attempts that are under way, 0s to 10m [default: 10s]",
    };

    public static readonly Option<string?> LogFormat = NewLogFormat();

    public static readonly Option<string?> LogDirectory = new("--log-dir")
    {
        HelpName = "DIR",
        Description = "Write a log of each run into a file of its own, ORCH_ID.log [default: none]",
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All => [Listen, TlsCertificate, TlsKey, BehindProxy, KeysFile, RateLimit, MaxActive, AbandonAfter, Drain, LogFormat, LogDirectory];

    private static Option<string?> NewLogFormat()
    {
        var option = new Option<string?>("--log-format")
        {
            HelpName = "text|json",
            Description = "The log on stderr: lines for people, or a JSON document a line with orch_id and action_id in its scopes [default: text]",
        };
        option.AcceptOnlyFromAmong("text", "json");
        return option;
    }

    public static void AddTo(Command command)
    {
        foreach (var option in All)
            command.Options.Add(option);
    }
}
