using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Orchestration.Benchmarks.EndToEnd;

/// <summary>
/// Activations of the stand-in that take time: the action <c>take</c> with <c>{"ms": …}</c> is held like a blocking invoke, and <c>later</c> is answered with 202 at once.
/// Their records are there when they have ended, singly and in the namespace's list.
/// </summary>
internal sealed class LateActivations
{
    private readonly ConcurrentDictionary<string, Activation> _all = new();
    private int _lastSeen;

    /// <summary>How many ended activations somebody has been shown since the last time this was asked.</summary>
    public int TakeSeen() => Interlocked.Exchange(ref _lastSeen, 0);

    /// <summary>Invokes one.</summary>
    public async Task InvokeAsync(HttpContext context, int number, bool isHeld)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        var time = TimeSpan.FromMilliseconds(body.RootElement.GetProperty("ms").GetInt32());
        var patience = isHeld ? TimeSpan.FromMilliseconds(int.Parse(context.Request.Query["timeout"].ToString(), CultureInfo.InvariantCulture)) : TimeSpan.Zero;
        var activation = new Activation(number.ToString("x32", CultureInfo.InvariantCulture), isHeld ? "take" : "later", DateTimeOffset.UtcNow, time);
        if (time <= patience)
        {
            await Task.Delay(time);
            await WriteAsync(context, StatusCodes.Status200OK, activation.Record);
            return;
        }
        _all[activation.Id] = activation;
        await Task.Delay(patience);
        await WriteAsync(context, StatusCodes.Status202Accepted, $$"""{"activationId":"{{activation.Id}}"}""");
    }

    /// <summary>Answers with one record, or the page of the list that is asked for.</summary>
    public async Task LookAsync(HttpContext context)
    {
        var id = context.Request.Path.Value!.Split('/')[^1];
        if (id != "activations")
        {
            if (_all.TryGetValue(id, out var one) && one.HasEnded)
                await WriteAsync(context, StatusCodes.Status200OK, Show(one));
            else
                await WriteAsync(context, StatusCodes.Status404NotFound, """{"error":"The requested resource does not exist."}""");
            return;
        }
        var query = context.Request.Query;
        long Number(string name, long otherwise) => query.TryGetValue(name, out var text) ? long.Parse(text.ToString(), CultureInfo.InvariantCulture) : otherwise;
        var (since, upTo) = (Number("since", 0), Number("upto", long.MaxValue));
        var page = _all.Values.Where(a => a.HasEnded && a.StartMs >= since && a.StartMs <= upTo).OrderByDescending(a => a.StartMs).Skip((int)Number("skip", 0)).Take((int)Number("limit", 30));
        var text = new StringBuilder("[");
        foreach (var activation in page)
            text.Append(text.Length == 1 ? "" : ",").Append(Show(activation));
        await WriteAsync(context, StatusCodes.Status200OK, text.Append(']').ToString());
    }

    private string Show(Activation activation)
    {
        if (activation.See())
            Interlocked.Increment(ref _lastSeen);
        return activation.Record;
    }

    private static Task WriteAsync(HttpContext context, int status, string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes).AsTask();
    }

    private sealed class Activation(string id, string name, DateTimeOffset start, TimeSpan time)
    {
        private readonly long _endMs = (start + time).ToUnixTimeMilliseconds();
        private int _seen;

        public string Id => id;

        public long StartMs { get; } = start.ToUnixTimeMilliseconds();

        public bool HasEnded => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() >= _endMs;

        public string Record => string.Create(CultureInfo.InvariantCulture,
            $$$"""{"activationId":"{{{id}}}","name":"{{{name}}}","response":{"status":"success","success":true,"result":{"ok":true}},"start":{{{StartMs}}},"end":{{{_endMs}}},"duration":{{{_endMs - StartMs}}},"logs":[],"annotations":[]}""");

        public bool See() => Interlocked.Exchange(ref _seen, 1) == 0;
    }
}
