namespace Orchestration.Host.Settings;

/// <summary>What a person set for <c>serve</c>; null where nothing was set.</summary>
internal sealed record ServiceSettings
{
    /// <summary>Where it listens for others, <c>ADDRESS:PORT</c>.</summary>
    public Given? Listen { get; init; }

    /// <summary>A PEM file with the certificate for TLS.</summary>
    public Given? TlsCertificate { get; init; }

    /// <summary>A PEM file with the certificate's private key.</summary>
    public Given? TlsKey { get; init; }

    /// <summary>Whether a reverse proxy makes TLS.</summary>
    public bool? BehindProxy { get; init; }

    /// <summary>The file with the keys of the API.</summary>
    public Given? KeysFile { get; init; }

    /// <summary>The most requests of a key per second.</summary>
    public int? RateLimit { get; init; }

    /// <summary>The most orchestrations that run at once.</summary>
    public int? MaxActive { get; init; }

    /// <summary>After how long a run that nobody adds to or waits for is failed.</summary>
    public TimeSpan? AbandonAfter { get; init; }

    /// <summary>How long the end waits for attempts that are under way.</summary>
    public TimeSpan? Drain { get; init; }

    /// <summary>How the log is written: <c>text</c> or <c>json</c>.</summary>
    public Given? LogFormat { get; init; }

    /// <summary>A folder with a log file for each run.</summary>
    public Given? LogDirectory { get; init; }
}
