using MongoDB.Driver;

namespace Orchestration.Persistence.MongoDb;

/// <summary>Turns what the driver throws into what a person can act on. Codes: https://www.mongodb.com/docs/manual/reference/error-codes.</summary>
internal static class MongoErrors
{
    private const int Unauthorized = 13;
    private const int AuthenticationFailed = 18;
    private const int IndexOptionsConflict = 85;
    private const int IndexKeySpecsConflict = 86;
    private const int TooLarge = 10334;

    /// <summary>Is it a document whose key is taken?</summary>
    public static bool IsDuplicateKey(BulkWriteError error) => error.Category == ServerErrorCategory.DuplicateKey;

    /// <summary>Is it a document whose key is taken?</summary>
    public static bool IsDuplicateKey(Exception e) => e switch
    {
        MongoWriteException write => write.WriteError?.Category == ServerErrorCategory.DuplicateKey,
        MongoCommandException command => command.Code == 11000,
        _ => false,
    };

    /// <summary>Whether nobody knows if the write happened, or it may just be tried again.</summary>
    public static bool IsPassing(Exception e) => e switch
    {
        MongoAuthenticationException => false,
        MongoNotPrimaryException or MongoNodeIsRecoveringException => true,
        MongoConnectionException connection => connection.InnerException is not MongoAuthenticationException,
        MongoExecutionTimeoutException or MongoWriteConcernException or TimeoutException => true,
        MongoBulkWriteException { WriteErrors.Count: 0, WriteConcernError: not null } => true,
        _ => false,
    };

    /// <summary>Runs a call and explains its failures.</summary>
    public static async Task<T> ExplainAsync<T>(string server, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (e is MongoException or TimeoutException)
        {
            throw Explain(server, e);
        }
    }

    /// <summary>Runs a call and explains its failures.</summary>
    public static T Explain<T>(string server, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (e is MongoException or TimeoutException)
        {
            throw Explain(server, e);
        }
    }

    /// <summary>The same failure with the server's name, the cause and the remedy.</summary>
    /// <param name="server">The server without credentials.</param>
    /// <param name="e">What the driver threw.</param>
    public static MongoStorageException Explain(string server, Exception e) => new(Text(server, e), e);

    private static string Text(string server, Exception e)
    {
        if (Find<MongoAuthenticationException>(e) is not null || Code(e) == AuthenticationFailed)
            return $"MongoDB at {server} refused the credentials. Look at user, password and authSource in the connection string.";
        return e switch
        {
            MongoCommandException { Code: Unauthorized } denied =>
                $"MongoDB at {server} refused a command for lack of rights: {Short(denied.Message)} Grant the user the role readWrite on the database.",
            MongoCommandException { Code: IndexOptionsConflict or IndexKeySpecsConflict } conflict =>
                $"MongoDB at {server} has another index under a name that is needed: {Short(conflict.Message)} Remove that index, or set auto-initialize = off.",
            MongoWriteException { WriteError.Code: Unauthorized } or MongoBulkWriteException { WriteErrors: [{ Code: Unauthorized }, ..] } =>
                $"MongoDB at {server} refused a write for lack of rights. Grant the user the role readWrite on the database.",
            MongoWriteException { WriteError.Code: TooLarge } or MongoBulkWriteException { WriteErrors: [{ Code: TooLarge }, ..] } =>
                $"MongoDB at {server} refused a document over 16 MB. Make what is stored at once smaller.",
            TimeoutException or MongoConnectionException =>
                $"MongoDB at {server} cannot be reached: {Reason(e)} Look whether it runs, and at host, port and TLS in the connection string.",
            MongoNotPrimaryException or MongoNodeIsRecoveringException => $"MongoDB at {server} has no primary at the moment: {Short(e.Message)} Try again.",
            MongoWriteConcernException => $"MongoDB at {server} did not confirm a write by a majority of its members: {Short(e.Message)} Look at the replica set; the write may have been stored all the same.",
            _ => $"MongoDB at {server} failed: {Short(e.Message)} Look at the server's log; what was acknowledged before is stored.",
        };
    }

    private static int Code(Exception e) => (e as MongoCommandException)?.Code ?? 0;

    private static T? Find<T>(Exception? e)
        where T : Exception
    {
        for (; e is not null; e = e.InnerException)
            if (e is T found)
                return found;
        return null;
    }

    // The driver's own text describes the whole cluster over many lines; the last cause says what happened.
    private static string Reason(Exception e)
    {
        var innermost = e;
        while (innermost.InnerException is not null)
            innermost = innermost.InnerException;
        if (innermost != e)
            return Short(innermost.Message);
        const string Marker = "HeartbeatException: \"";
        var at = e.Message.IndexOf(Marker, StringComparison.Ordinal);
        if (at < 0)
            return "no server answered in time.";
        var lines = e.Message[(at + Marker.Length)..].Split('\n', 40);
        var cause = lines.LastOrDefault(l => l.Contains("Exception", StringComparison.Ordinal) && l.Contains("--->", StringComparison.Ordinal)) ?? lines[0];
        var arrow = cause.LastIndexOf("--->", StringComparison.Ordinal);
        var text = arrow < 0 ? cause : cause[(arrow + 4)..];
        var colon = text.IndexOf("Exception", StringComparison.Ordinal) is >= 0 and var type ? text.IndexOf(": ", type, StringComparison.Ordinal) : -1;
        return Short(colon < 0 ? text.Trim() : text[(colon + 2)..].Trim());
    }

    private static string Short(string message)
    {
        var line = message.Split('\n', 2)[0].Trim();
        line = line.Length > 300 ? line[..300] + "…" : line;
        return line.EndsWith('.') ? line : line + ".";
    }
}
