namespace Orchestration.Host.Settings;

/// <summary>A setting's value and where it was given, for messages.</summary>
/// <param name="Value">The value.</param>
/// <param name="Source">Such as <c>--openwhisk</c> or <c>Orchestration__OpenWhisk in the environment</c>.</param>
internal sealed record Given(string Value, string Source);

/// <summary>
/// What a person set, from the command line, the environment and <c>appsettings.json</c>; null where nothing was set. What stands for a
/// null depends on the command and, when a run is resumed, on what was stored with it.
/// </summary>
internal sealed record HostSettings
{
    public Given? OpenWhisk { get; init; }

    public Given? Auth { get; init; }

    public bool? Insecure { get; init; }

    public Given? ObjectStore { get; init; }

    public Given? AccessKey { get; init; }

    public Given? SecretKey { get; init; }

    /// <summary>Where runs are stored: <c>sqlite</c>, which also stands for null, or a connection string of MongoDB, which may hold credentials.</summary>
    public Given? Database { get; init; }

    /// <summary>The database of the catalog in MongoDB; null for that of the Python system.</summary>
    public Given? CatalogDatabase { get; init; }

    /// <summary>Whether indexes are made in MongoDB.</summary>
    public bool? CreateIndexes { get; init; }

    /// <summary>The data directory as an absolute path.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Settings of the actor system, HOCON; empty for none.</summary>
    public string Hocon { get; init; } = "";

    public int? PoolSize { get; init; }

    public int? MaxInFlight { get; init; }

    /// <summary>How long an invoke may wait for its result.</summary>
    public TimeSpan? BlockingWait { get; init; }

    /// <summary>How long a process counts as the owner of its runs after its last sign of life, on a storage that several share.</summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>How lost objects are made again.</summary>
    public LineageChoice Lineage { get; init; } = LineageChoice.None;

    /// <summary>What is set under <c>Prices</c> of a name; null when nothing is.</summary>
    public Func<string, Given?> Prices { get; init; } = _ => null;

    /// <summary>Where values of secrets come from.</summary>
    public SecretLookup Secrets { get; init; } = SecretLookup.OfEnvironment;

    /// <summary>The service whose API is used in place of the storage; null for none.</summary>
    public Given? Server { get; init; }

    /// <summary>The key for it.</summary>
    public Given? ApiKey { get; init; }

    /// <summary>What was set for <c>serve</c>.</summary>
    public ServiceSettings Service { get; init; } = new();

    /// <summary>Show stack traces and the log.</summary>
    public bool Verbose { get; init; }
}
