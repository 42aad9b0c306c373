using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Orchestration.Benchmarks.EndToEnd;

namespace Orchestration.Benchmarks;

/// <summary>
/// The least OpenWhisk there can be: reads the body of an invocation and answers at once with a record. Runs as a process of its own. Its action <c>noop</c> does nothing;
/// <c>make</c> with <c>{"store", "in", "out"}</c> reads and writes objects of a folder store and says so.
/// </summary>
internal sealed class StandInServer : IDisposable
{
    private readonly Process _process;
    private readonly HttpClient _client = new();

    private StandInServer(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>How much of the processors' time it has taken so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static StandInServer Start()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, "server") { RedirectStandardOutput = true, RedirectStandardInput = true };
        var process = Process.Start(start)!;
        var address = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The stand-in server did not start.");
        return new StandInServer(process, new Uri(address));
    }

    /// <summary>How many invocations came since the last time this was asked.</summary>
    public async Task<int> TakeCountAsync() => (await TakeAsync()).Count;

    /// <summary>How many invocations came since the last time this was asked, and how long the actions took together.</summary>
    public async Task<(int Count, TimeSpan ActionTime)> TakeAsync()
    {
        var parts = (await _client.GetStringAsync(new Uri(Address, "/count"))).Split(' ');
        return (int.Parse(parts[0], CultureInfo.InvariantCulture), new TimeSpan(long.Parse(parts[1], CultureInfo.InvariantCulture)));
    }

    /// <summary>How many ended activations were shown to somebody since the last time this was asked.</summary>
    public async Task<int> TakeSeenAsync() => int.Parse(await _client.GetStringAsync(new Uri(Address, "/seen")), CultureInfo.InvariantCulture);

    /// <summary>How many invocations have come so far; asking changes nothing.</summary>
    public async Task<int> PeekAsync() => int.Parse(await _client.GetStringAsync(new Uri(Address, "/peek")), CultureInfo.InvariantCulture);

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
        _client.Dispose();
    }

    /// <summary>The server process: until its standard input ends.</summary>
    public static async Task ServeAsync()
    {
        // Empty: a watch over settings files would see every write of the orchestrator below the working folder.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var (count, ticks) = (0, 0L);
        var late = new LateActivations();
        app.Run(async context =>
        {
            var path = context.Request.Path.Value!;
            if (context.Request.Method == "POST" && (path.EndsWith("/take", StringComparison.Ordinal) || path.EndsWith("/later", StringComparison.Ordinal)))
            {
                await late.InvokeAsync(context, Interlocked.Increment(ref count), path.EndsWith("/take", StringComparison.Ordinal));
                return;
            }
            if (context.Request.Method == "POST" && path.EndsWith("/fail", StringComparison.Ordinal))
            {
                await DrainAsync(context.Request);
                context.Response.StatusCode = StatusCodes.Status502BadGateway;
                await RespondAsync(context.Response, $$$"""{"activationId":"{{{Interlocked.Increment(ref count):x32}}}","name":"fail","response":{"status":"application error","success":false,"result":{"error":"no"}},"start":1760000000000,"end":1760000000001,"duration":1,"logs":[],"annotations":[]}""");
                return;
            }
            if (path.Contains("/activations", StringComparison.Ordinal))
            {
                await late.LookAsync(context);
                return;
            }
            // What the program asks before it starts anything.
            if (context.Request.Method == "GET" && path.EndsWith("/namespaces", StringComparison.Ordinal))
            {
                await RespondAsync(context.Response, """["guest"]""");
                return;
            }
            if (context.Request.Method == "GET" && path.Contains("/actions/", StringComparison.Ordinal))
            {
                await RespondAsync(context.Response, $$$"""{"name":"{{{path.Split('/')[^1]}}}","namespace":"guest","limits":{"timeout":60000}}""");
                return;
            }
            if (path == "/seen")
            {
                await RespondAsync(context.Response, late.TakeSeen().ToString(CultureInfo.InvariantCulture));
                return;
            }
            if (context.Request.Method == "POST" && context.Request.Path.Value!.EndsWith("/make", StringComparison.Ordinal))
            {
                using var body = await JsonDocument.ParseAsync(context.Request.Body);
                Interlocked.Increment(ref count);
                var watch = Stopwatch.StartNew();
                var (isSuccess, result) = MakeAction.Run(body.RootElement);
                Interlocked.Add(ref ticks, watch.Elapsed.Ticks);
                context.Response.StatusCode = isSuccess ? StatusCodes.Status200OK : StatusCodes.Status502BadGateway;
                await RespondAsync(context.Response, $$$"""{"activationId":"{{{Guid.NewGuid():N}}}","name":"make","response":{"status":"{{{(isSuccess ? "success" : "application error")}}}","success":{{{(isSuccess ? "true" : "false")}}},"result":{{{result}}}},"start":1760000000000,"end":1760000000001,"duration":1,"logs":[],"annotations":[]}""");
            }
            else if (context.Request.Method == "POST")
            {
                await DrainAsync(context.Request);
                var id = Interlocked.Increment(ref count);
                await RespondAsync(context.Response, $$$"""{"activationId":"{{{id:x32}}}","name":"noop","response":{"status":"success","success":true,"result":{"ok":true}},"start":1760000000000,"end":1760000000001,"duration":1,"logs":[],"annotations":[]}""");
            }
            else if (context.Request.Path == "/count")
            {
                await RespondAsync(context.Response, string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Exchange(ref count, 0)} {Interlocked.Exchange(ref ticks, 0)}"));
            }
            else if (context.Request.Path == "/peek")
            {
                await RespondAsync(context.Response, Volatile.Read(ref count).ToString(CultureInfo.InvariantCulture));
            }
            else
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            }
        });
        await app.StartAsync();
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        Console.WriteLine(addresses.Addresses.First());
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
    }

    private static async Task DrainAsync(HttpRequest request)
    {
        while (true)
        {
            var read = await request.BodyReader.ReadAsync();
            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return;
        }
    }

    private static async Task RespondAsync(HttpResponse response, string json)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(json);
        response.ContentType = "application/json";
        response.ContentLength = bytes.Length;
        response.BodyWriter.Write(bytes);
        await response.BodyWriter.FlushAsync();
    }
}
