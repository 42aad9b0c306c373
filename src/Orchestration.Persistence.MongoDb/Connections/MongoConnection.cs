using System.Collections.Concurrent;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Orchestration.Persistence.MongoDb;

/// <summary>
/// A MongoDB server or cluster and the database that the connection string names. All connections of a process with the same string share one client, and so
/// one pool. The client lives as long as the process, as the driver recommends.
/// </summary>
public sealed class MongoConnection
{
    // Short enough that a person who waits is told why within ten seconds.
    private static readonly TimeSpan SelectionTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(9);
    private static readonly ConcurrentDictionary<string, Lazy<MongoConnection>> Opened = new(StringComparer.Ordinal);

    private static readonly BsonDocument PingCommand = new("ping", 1);

    private readonly string? _databaseName;
    private int? _hasTransactions;

    private MongoConnection(MongoUrl url)
    {
        _databaseName = url.DatabaseName;
        RedactedName = Redact(url);
        var settings = MongoClientSettings.FromUrl(url);
        if (!IsGiven(url, "serverSelectionTimeout"))
            settings.ServerSelectionTimeout = SelectionTimeout;
        if (!IsGiven(url, "connectTimeout"))
            settings.ConnectTimeout = SelectionTimeout;
        settings.ApplicationName ??= "orchestration";
        Client = new MongoClient(settings);
    }

    /// <summary>The shared client.</summary>
    public IMongoClient Client { get; }

    /// <summary>The connection string without user, password and options: what messages and logs show.</summary>
    public string RedactedName { get; }

    /// <summary>The database that the connection string names.</summary>
    /// <exception cref="MongoStorageException">It names none.</exception>
    public IMongoDatabase Database => _databaseName is { } name
        ? Client.GetDatabase(name)
        : throw new MongoStorageException($"The connection string {RedactedName} names no database. Put its name behind the host: mongodb://HOST:PORT/DATABASE.");

    private IMongoDatabase PingDatabase => Client.GetDatabase(_databaseName ?? "admin");

    /// <summary>Names a database in a connection string that names none; who logs in and where stays the same.</summary>
    /// <param name="connectionString">The connection string.</param>
    /// <param name="database">The database for one without.</param>
    /// <returns>The connection string, with a database.</returns>
    /// <exception cref="MongoStorageException">The string is none.</exception>
    public static string WithDatabase(string connectionString, string database)
    {
        if (Parse(connectionString).DatabaseName is not null)
            return connectionString;
        var url = new MongoUrlBuilder(connectionString) { DatabaseName = database };
        // Passwords are looked up in "admin" without a database, and in that one with it.
        if (url.Username is not null && url.AuthenticationMechanism is null or "SCRAM-SHA-1" or "SCRAM-SHA-256")
            url.AuthenticationSource ??= "admin";
        return url.ToString();
    }

    /// <summary>Finds the connection of a string; nothing is sent yet.</summary>
    /// <param name="connectionString"><c>mongodb://…</c> or <c>mongodb+srv://…</c>.</param>
    /// <returns>The connection, the same one for the same string.</returns>
    /// <exception cref="MongoStorageException">The string is none.</exception>
    public static MongoConnection Of(string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        return Opened.GetOrAdd(connectionString, static text => new Lazy<MongoConnection>(() => new MongoConnection(Parse(text)))).Value;
    }

    /// <summary>A connection string as it may be shown: hosts and database, no user, no password and no options.</summary>
    /// <param name="connectionString">The connection string, also one that cannot be used.</param>
    /// <returns>The text.</returns>
    public static string Redact(string connectionString)
    {
        try
        {
            return Redact(MongoUrl.Create(connectionString));
        }
        catch (Exception e) when (e is MongoConfigurationException or ArgumentException or FormatException)
        {
            // Whatever stands before the last @ may be a password that was not escaped.
            var text = connectionString ?? "";
            var scheme = text.IndexOf("://", StringComparison.Ordinal);
            var start = scheme < 0 ? 0 : scheme + 3;
            var at = text.LastIndexOf('@');
            var end = text.IndexOf('?', Math.Max(at, 0));
            return text[..start] + (at < start ? "" : "***@") + (end < 0 ? text[(at < start ? start : at + 1)..] : text[(at < start ? start : at + 1)..end]);
        }
    }

    /// <summary>Looks whether the server answers.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>A task that ends when it has answered.</returns>
    /// <exception cref="MongoStorageException">It does not, or it refuses the credentials; told within ten seconds, whatever the connection string allows.</exception>
    public Task PingAsync(CancellationToken cancellation) => CallAsync(token => PingDatabase.RunCommandAsync<BsonDocument>(PingCommand, cancellationToken: token), PingTimeout, cancellation);

    /// <summary>Looks whether the server answers, and waits for it.</summary>
    /// <exception cref="MongoStorageException">As for <see cref="PingAsync"/>.</exception>
    public void Ping() => Call(token => PingDatabase.RunCommand<BsonDocument>(PingCommand, cancellationToken: token), PingTimeout);

    /// <summary>A collection of the database. A write to it counts when a majority of the servers has it on disk.</summary>
    internal IMongoCollection<BsonDocument> Collection(string name, TimeSpan timeout) => Collection(Database, name, timeout);

    /// <summary>A collection of another database of the server.</summary>
    internal IMongoCollection<BsonDocument> Collection(string database, string name, TimeSpan timeout) => Collection(Client.GetDatabase(database), name, timeout);

    /// <summary>Runs a call within a time and explains its failures.</summary>
    /// <exception cref="MongoStorageException">It failed.</exception>
    internal Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, TimeSpan timeout, CancellationToken cancellation) => MongoErrors.ExplainAsync(RedactedName, async () =>
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(timeout);
        try
        {
            return await call(limited.Token);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw NoAnswer(timeout, e);
        }
    });

    /// <summary>Runs a blocking call within a time and explains its failures.</summary>
    /// <exception cref="MongoStorageException">It failed.</exception>
    internal T Call<T>(Func<CancellationToken, T> call, TimeSpan timeout) => MongoErrors.Explain(RedactedName, () =>
    {
        using var limited = new CancellationTokenSource(timeout);
        try
        {
            return call(limited.Token);
        }
        catch (OperationCanceledException e)
        {
            throw NoAnswer(timeout, e);
        }
    });

    /// <summary>Whether several documents can be written as one: a replica set or a sharded cluster.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Whether it is.</returns>
    internal async Task<bool> HasTransactionsAsync(CancellationToken cancellation)
    {
        if (_hasTransactions is { } known)
            return known == 1;
        var hello = await Client.GetDatabase("admin").RunCommandAsync<BsonDocument>(new BsonDocument("hello", 1), cancellationToken: cancellation);
        var has = hello.Contains("setName") || hello.GetValue("msg", "").AsString == "isdbgrid";
        _hasTransactions = has ? 1 : 0;
        return has;
    }

    private static IMongoCollection<BsonDocument> Collection(IMongoDatabase database, string name, TimeSpan timeout) =>
        database.GetCollection<BsonDocument>(name)
            .WithWriteConcern(new WriteConcern(WriteConcern.WMajority.W, wTimeout: timeout, journal: true))
            .WithReadPreference(ReadPreference.Primary);

    private static TimeoutException NoAnswer(TimeSpan timeout, Exception e) => new($"no answer within {timeout.TotalSeconds:0.#} s.", e);

    private static MongoUrl Parse(string connectionString)
    {
        try
        {
            return MongoUrl.Create(connectionString);
        }
        catch (Exception e) when (e is MongoConfigurationException or ArgumentException or FormatException)
        {
            // The driver's message repeats the string with its password; it is left out.
            throw new MongoStorageException(
                $"'{Redact(connectionString)}' is no connection string of MongoDB. It takes the form mongodb://[USER:PASSWORD@]HOST[:PORT]/DATABASE[?OPTIONS]; special characters in the password are percent-encoded.");
        }
    }

    private static string Redact(MongoUrl url)
    {
        var scheme = url.Scheme == MongoDB.Driver.Core.Configuration.ConnectionStringScheme.MongoDBPlusSrv ? "mongodb+srv" : "mongodb";
        var user = url.Username is null ? "" : "***@";
        return $"{scheme}://{user}{string.Join(',', url.Servers.Select(s => s.ToString()))}{(url.DatabaseName is { } database ? "/" + database : "")}";
    }

    private static bool IsGiven(MongoUrl url, string option) => url.Url.Contains(option, StringComparison.OrdinalIgnoreCase);
}
