using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Serialization;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Remote;

/// <summary>The process that works on the runs, through its API: that of a data directory of this machine, or a service elsewhere.</summary>
internal sealed class OwnerClient : IDisposable
{
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromMinutes(2);

    private readonly Uri _address;
    private readonly HttpClient _http;

    private OwnerClient(string name, Uri address, string token)
    {
        (Name, _address) = (name, address);
        // What is on this machine is reached without a proxy.
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = !address.IsLoopback }) { BaseAddress = address, Timeout = AnswerPatience };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>What it is called in messages, such as <c>process 4711</c>.</summary>
    public string Name { get; }

    /// <summary>Finds the process that works on the runs which the settings mean.</summary>
    /// <returns>It; null when there is none, or it does not serve yet.</returns>
    public static OwnerClient? Find(HostSettings settings)
    {
        if (settings.Server is { } server)
            return Of(server, settings);
        return RunStorage.Of(settings).HasOneWorker && ServiceFile.FindLive(ServiceFile.OfOwner(settings.DataDirectory)) is { } file
            ? new OwnerClient(FormattableString.Invariant($"process {file.Pid}"), new Uri(file.Url), file.Secret)
            : null;
    }

    /// <summary>A service that was named.</summary>
    /// <exception cref="CommandException">It is no URL, or there is no key for it.</exception>
    public static OwnerClient Of(Given server, HostSettings settings)
    {
        if (!Uri.TryCreate(server.Value.TrimEnd('/') + "/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0)
            throw CommandException.Usage($"{server.Source}: '{Redaction.Of(server.Value)}' is no URL of a service, such as https://orchestration.example:8443. Its key goes into ORCHESTRATION_API_KEY.");
        // On this machine the token of its data directory fits too.
        var token = settings.ApiKey?.Value ?? (ServiceFile.FindLive(ServiceFile.OfOwner(settings.DataDirectory)) is { } file && new Uri(file.Url) == address ? file.Secret : null);
        return token is not null
            ? new OwnerClient($"the service {address.AbsoluteUri.TrimEnd('/')}", address, token)
            : throw CommandException.Usage($"{server.Source}: there is no API key for {address.AbsoluteUri.TrimEnd('/')}. Put one into ORCHESTRATION_API_KEY; who runs the service makes one with 'keys add'.");
    }

    /// <summary>Asks what its runs stand on.</summary>
    public async Task<OwnerInfo> GetInfoAsync(CancellationToken cancellation)
    {
        var info = await SendAsync(HttpMethod.Get, "v1/info", null, cancellation);
        var platform = info.GetProperty("platform");
        return new OwnerInfo(platform.GetProperty("apiHost").GetString()!, platform.GetProperty("objectStore").GetString()!, info.GetProperty("machine").GetString()!);
    }

    /// <summary>Starts a run.</summary>
    /// <returns>The answer.</returns>
    public Task<JsonElement> StartAsync(JsonBytes body, CancellationToken cancellation) => SendAsync(HttpMethod.Post, "v1/orchestrations", body, cancellation);

    /// <summary>Changes a run.</summary>
    /// <param name="id">Which run.</param>
    /// <param name="verb">The last part of the route, such as <c>cancel</c>.</param>
    /// <param name="body">What goes with it.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>The run's summary.</returns>
    public Task<JsonElement> ChangeAsync(OrchestrationId id, string verb, JsonBytes body, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, $"v1/orchestrations/{id}/{verb}", body, cancellation);

    /// <summary>Reads the logs of a run's activations.</summary>
    /// <param name="id">Which run.</param>
    /// <param name="action">An action's id or the beginning of it; null for all.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>The answer, as <c>runs logs --json</c> prints it.</returns>
    public Task<JsonElement> ReadLogsAsync(OrchestrationId id, string? action, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Get, $"v1/orchestrations/{id}/logs{(action is null ? "" : $"?action={Uri.EscapeDataString(action)}")}", null, cancellation);

    /// <summary>Asks for something that is there to be read.</summary>
    /// <param name="path">The route, below the service's URL.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>The answer.</returns>
    public Task<JsonElement> ReadAsync(string path, CancellationToken cancellation) => SendAsync(HttpMethod.Get, path, null, cancellation);

    /// <summary>The rows of a run as they are stored; ends with the run.</summary>
    /// <exception cref="OwnerGoneException">The process ended before the run did.</exception>
    public async IAsyncEnumerable<StoredCommit> FollowAsync(OrchestrationId id, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var events = ReadEventsAsync(id, cancellation).GetAsyncEnumerator(cancellation);
        while (true)
        {
            bool any;
            try
            {
                any = await events.MoveNextAsync();
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                throw new OwnerGoneException(Name, e);
            }
            if (!any)
                throw new OwnerGoneException(Name);
            if (events.Current is not { } row)
                yield break;
            yield return row;
        }
    }

    public void Dispose() => _http.Dispose();

    // A row for each commit, and null for the end; without the end the process has ended.
    private async IAsyncEnumerable<StoredCommit?> ReadEventsAsync(OrchestrationId id, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var response = await _http.GetAsync(new Uri($"v1/orchestrations/{id}/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellation);
        await EnsureAsync(response, cancellation);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        var parser = SseParser.Create(stream, (kind, data) => kind == "commit" ? FactJson.Read(data.ToArray()) : null);
        await foreach (var item in parser.EnumerateAsync(cancellation))
            yield return item.Data is { } commit ? new StoredCommit(long.Parse(item.EventId!, System.Globalization.CultureInfo.InvariantCulture), commit) : null;
    }

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, JsonBytes? body, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is { } json)
                request.Content = new ReadOnlyMemoryContent(json.Utf8) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            using var response = await _http.SendAsync(request, cancellation);
            await EnsureAsync(response, cancellation);
            return JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellation)).RootElement;
        }
        catch (HttpRequestException e)
        {
            throw new OwnerGoneException(Name, e);
        }
    }

    private async Task EnsureAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.IsSuccessStatusCode)
            return;
        var (code, detail) = Problem(await response.Content.ReadAsByteArrayAsync(cancellation), (int)response.StatusCode);
        if (code == "CLOSING")
            throw new OwnerGoneException(Name);
        throw response.StatusCode is System.Net.HttpStatusCode.BadRequest or System.Net.HttpStatusCode.NotFound or System.Net.HttpStatusCode.UnprocessableEntity
            ? CommandException.Usage(detail)
            : CommandException.Failure(detail);
    }

    private (string? Code, string Detail) Problem(byte[] body, int status)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return (document.RootElement.GetProperty("code").GetString(), document.RootElement.GetProperty("detail").GetString()!);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return (null, $"{Name} answered {status} at {_address.AbsoluteUri.TrimEnd('/')}, and not as this API does. Look at the URL.");
        }
    }
}

/// <summary>What an owner's runs stand on.</summary>
/// <param name="ApiHost">OpenWhisk's URL, or <c>local</c>.</param>
/// <param name="ObjectStore">The object store; empty for none.</param>
/// <param name="Machine">Its machine.</param>
internal sealed record OwnerInfo(string ApiHost, string ObjectStore, string Machine);

/// <summary>The process that worked on the runs has ended, or is ending and takes nothing more; or a service elsewhere cannot be reached.</summary>
internal sealed class OwnerGoneException(string name, Exception? inner = null)
    : Exception($"{char.ToUpperInvariant(name[0])}{name[1..]}, which worked on the runs, {(inner is null ? "has ended" : $"does not answer ({inner.GetBaseException().Message.TrimEnd('.')})")}.", inner)
{
    public string Name { get; } = name;
}
