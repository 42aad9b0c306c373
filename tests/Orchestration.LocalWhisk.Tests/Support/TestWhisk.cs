using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Orchestration.LocalWhisk.Tests.Support;

/// <summary>A server on a free port with a folder of its own, and the requests that tests make.</summary>
public sealed class TestWhisk : IAsyncDisposable
{
    private readonly bool _ownsDirectory;

    private TestWhisk(LocalWhiskServer server, string directory, bool ownsDirectory)
    {
        (Server, Directory, _ownsDirectory) = (server, directory, ownsDirectory);
        Http = Client(server.BaseAddress, server.Auth);
    }

    public LocalWhiskServer Server { get; }

    public HttpClient Http { get; }

    public string Directory { get; }

    public const string Api = "/api/v1/namespaces/_";

    public static string NewDirectory() => System.IO.Directory.CreateTempSubdirectory("local-openwhisk-test-").FullName;

    public static LocalWhiskOptions Options(string directory) => new()
    {
        DataDirectory = directory,
        // A version manager's wrapper answers late; the one it stands for is not what is tested here.
        PythonCommand = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3",
    };

    public static Task<TestWhisk> StartAsync() => StartAsync(options => options);

    public static async Task<TestWhisk> StartAsync(Func<LocalWhiskOptions, LocalWhiskOptions> change, string? directory = null)
    {
        var folder = directory ?? NewDirectory();
        return new TestWhisk(await LocalWhiskServer.StartAsync(change(Options(folder))), folder, directory is null);
    }

    public static HttpClient Client(Uri address, string auth)
    {
        var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Authorization = Basic(auth);
        return client;
    }

    public static AuthenticationHeaderValue Basic(string auth) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(auth)));

    public async Task<Reply> SendAsync(HttpMethod method, string path, string? json = null, string contentType = "application/json", Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, contentType);
        change?.Invoke(request);
        using var response = await Http.SendAsync(request);
        return await Reply.ReadAsync(response);
    }

    public Task<Reply> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    /// <summary>Asks with other credentials than the server's, or with none.</summary>
    public async Task<Reply> GetAsAsync(string path, AuthenticationHeaderValue? authorization)
    {
        using var client = new HttpClient { BaseAddress = Server.BaseAddress };
        client.DefaultRequestHeaders.Authorization = authorization;
        using var response = await client.GetAsync(path);
        return await Reply.ReadAsync(response);
    }

    public Task<Reply> PutActionAsync(string name, string json, string query = "") => SendAsync(HttpMethod.Put, $"{Api}/actions/{name}{query}", json);

    public Task<Reply> CallAsync(string name, string? json = "{}", string query = "?blocking=true") => SendAsync(HttpMethod.Post, $"{Api}/actions/{name}{query}", json);

    /// <summary>Deploys code; <paramref name="more"/> are further members of the body.</summary>
    public async Task DeployAsync(string name, string code, string kind = "python:3", string? main = null, string more = "\"publish\":false")
    {
        var exec = JsonSerializer.Serialize(new { kind, code, main = main ?? "main" });
        var reply = await PutActionAsync(name, $$"""{"exec":{{exec}},{{more}}}""", "?overwrite=true");
        Assert.True(reply.Status == 200, reply.Text);
    }

    public async Task PutPackageAsync(string name, string json = "{}")
    {
        var reply = await SendAsync(HttpMethod.Put, $"{Api}/packages/{name}?overwrite=true", json);
        Assert.True(reply.Status == 200, reply.Text);
    }

    public async Task PutSequenceAsync(string name, params IEnumerable<string> components)
    {
        var reply = await PutActionAsync(name, JsonSerializer.Serialize(new { exec = new { kind = "sequence", components = components.Select(c => $"/_/{c}") } }), "?overwrite=true");
        Assert.True(reply.Status == 200, reply.Text);
    }

    public async Task DeployRemoteAsync(string name, string url, string more)
    {
        var reply = await PutActionAsync(name, $$$"""{"exec":{"kind":"runtime","url":"{{{url}}}","code":"the code"},{{{more}}}}""", "?overwrite=true");
        Assert.True(reply.Status == 200, reply.Text);
    }

    public Task DeployConductorAsync(string name, string code) => DeployAsync(name, code, more: """ "annotations":[{"key":"conductor","value":true}] """);

    /// <summary>Waits for the records of what a sequence or composition ran, in order.</summary>
    public async Task<IReadOnlyList<JsonElement>> ComponentsAsync(JsonElement record)
    {
        var components = new List<JsonElement>();
        foreach (var id in record.GetProperty("logs").EnumerateArray())
            components.Add(await RecordAsync(id.GetString()!));
        return components;
    }

    /// <summary>Waits for a record to be there.</summary>
    public async Task<JsonElement> RecordAsync(string id)
    {
        Reply? reply = null;
        await Eventually.TrueAsync(async () => (reply = await GetAsync($"{Api}/activations/{id}")).Status == 200, $"record of {id}");
        return reply!.Json;
    }

    public async Task<IReadOnlyList<string>> LogsAsync(string id) =>
        [.. (await RecordAsync(id)).GetProperty("logs").EnumerateArray().Select(l => l.GetString()!)];

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        if (_ownsDirectory)
            System.IO.Directory.Delete(Directory, recursive: true);
    }
}
