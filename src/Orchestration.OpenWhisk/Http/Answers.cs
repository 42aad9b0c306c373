using System.Text.Json;

namespace Orchestration.OpenWhisk.Http;

/// <summary>Answers to requests of a person rather than of an orchestration: whatever goes wrong is an <see cref="OpenWhiskException"/>.</summary>
internal static class Answers
{
    public static Task<WhiskReply> GetAsync(WhiskConnection connection, string path, CancellationToken cancellation) =>
        OrThrow(connection.GetAsync(connection.Url(path), cancellation));

    public static async Task<WhiskReply> OrThrow(Task<WhiskReply> sending)
    {
        WhiskReply reply;
        try
        {
            reply = await sending;
        }
        catch (NoReplyException e)
        {
            throw new OpenWhiskException(e.Message, e);
        }
        if (reply.BodyProblem is not { } problem)
            return reply;
        reply.Dispose();
        throw new OpenWhiskException(problem);
    }

    public static JsonDocument? TryParse(WhiskReply reply)
    {
        try
        {
            return JsonDocument.Parse(reply.Body.ToArray());
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static OpenWhiskException NotOpenWhisk(string place, WhiskReply reply) =>
        new($"{place} is not an OpenWhisk: its API answered {reply.Status} with something else. Check the URL (--openwhisk, or APIHOST in ~/.wskprops).");

    public static OpenWhiskException Refused(string place, WhiskReply reply, string deed)
    {
        var said = reply.ErrorText()?.TrimEnd('.');
        return reply.Status switch
        {
            401 => new($"OpenWhisk at {place} refused the credentials (401). Give the right ones with --auth UUID:KEY, or AUTH in ~/.wskprops; 'wsk property get --auth' prints them."),
            >= 300 and < 400 => new($"{place} redirects ({reply.Status}) to {reply.Redirect ?? "another place"}. Give OpenWhisk's own URL with --openwhisk or APIHOST."),
            503 => new($"OpenWhisk at {place} is not available now (503{(said is null ? "" : $", {said}")}): wait until it has started, then try again."),
            _ when said is null => NotOpenWhisk(place, reply),
            _ => new($"OpenWhisk at {place} refused to {deed} ({reply.Status}): {said}."),
        };
    }
}
