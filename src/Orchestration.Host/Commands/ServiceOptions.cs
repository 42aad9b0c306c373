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

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All => [Listen, TlsCertificate, TlsKey, BehindProxy, KeysFile, RateLimit];

    public static void AddTo(Command command)
    {
        foreach (var option in All)
            command.Options.Add(option);
    }
}
