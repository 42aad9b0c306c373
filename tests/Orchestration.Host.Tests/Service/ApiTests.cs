using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Service;

/// <summary>The HTTP API of the process that works on a data directory, as any program sees it.</summary>
public sealed class ApiTests : GatedWorkplace
{
    [Fact]
    public async Task It_answers_only_programs_of_this_user_on_this_machine()
    {
        var (owner, id) = await StartGatedAsync();
        await using var _ = owner;
        using var client = ApiOfTest.Connect(Folder);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(ApiOfTest.FileIn(Folder)));
        Assert.Equal("127.0.0.1", client.BaseAddress!.Host);
        var token = client.DefaultRequestHeaders.Authorization!.Parameter!;

        await RefusedAsync(client, HttpStatusCode.Forbidden, "FOREIGN_ORIGIN", r => r.Headers.Add("Origin", "http://evil.example"));
        await RefusedAsync(client, HttpStatusCode.Forbidden, "FOREIGN_HOST", r => r.Headers.Host = "evil.example");
        var noToken = await RefusedAsync(client, HttpStatusCode.Unauthorized, "UNAUTHORIZED", r => r.Headers.Authorization = new AuthenticationHeaderValue("Bearer", new string('0', token.Length)));
        Assert.DoesNotContain(token, noToken, StringComparison.Ordinal);
        client.DefaultRequestHeaders.Authorization = null;
        await RefusedAsync(client, HttpStatusCode.Unauthorized, "UNAUTHORIZED", _ => { });
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health/live")).StatusCode);
        Assert.DoesNotContain(token, (await RunAsync("runs", "show", id, "--json")).All, StringComparison.Ordinal);

        Open();
        Assert.DoesNotContain(token, (await owner.WaitAsync()).MustExitWith(0).All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_starts_follows_and_cancels_runs()
    {
        var (owner, own) = await StartGatedAsync();
        await using var _ = owner;
        using var client = ApiOfTest.Connect(Folder);

        var start = JsonSerializer.Serialize(new { workflow = await File.ReadAllTextAsync(PathOf("gated.yaml")), directory = Folder, @params = new { gate = "gate2" }, orchId = "6b07e37f5e4720760f1cd90f" });
        var started = await client.PostAsync("/v1/orchestrations", start, HttpStatusCode.Created);
        var id = started.GetProperty("orchId").GetString()!;
        Assert.Equal("6b07e37f5e4720760f1cd90f", id);
        Assert.Equal(id, (await client.PostAsync("/v1/orchestrations", start, HttpStatusCode.Created)).GetProperty("orchId").GetString());
        await WaitForCallAsync("second", 2);

        var runs = await client.ReadAsync("/v1/orchestrations?status=running&limit=5");
        Assert.Equal([id, own], runs.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("orchId").GetString()).OrderByDescending(r => r == id));
        Assert.Equal("running", (await client.ReadAsync($"/v1/orchestrations/{id[..20]}")).GetProperty("status").GetString());
        Assert.Equal(5, (await client.ReadAsync($"/v1/orchestrations/{id}/report")).GetProperty("actions").GetArrayLength());

        var following = EventsAsync(client, id, null);
        var cancelled = await client.PostAsync($"/v1/orchestrations/{id}/cancel", """{"reason":"enough"}""", HttpStatusCode.OK);
        Assert.Equal("cancelled", cancelled.GetProperty("status").GetString());
        var events = await following;
        Assert.Equal("""{"status":"cancelled"}""", events[^1].Data);
        Assert.Equal(Enumerable.Range(1, events.Count - 1), events.SkipLast(1).Select(e => int.Parse(e.Id, CultureInfo.InvariantCulture)));
        Assert.Equal(events.Skip(2), await EventsAsync(client, id, "2"));

        Open();
        (await owner.WaitAsync()).MustExitWith(0);
    }

    [Fact]
    public async Task What_cannot_be_done_is_answered_with_a_problem_document()
    {
        var (owner, own) = await StartGatedAsync();
        await using var _ = owner;
        using var client = ApiOfTest.Connect(Folder);

        await client.ProblemAsync("/v1/orchestrations", "{", HttpStatusCode.BadRequest, "BAD_REQUEST");
        await client.ProblemAsync("/v1/orchestrations", "{}", HttpStatusCode.BadRequest, "BAD_REQUEST");
        await client.ProblemAsync("/v1/orchestrations", """{"workflow":"name: x"}""", HttpStatusCode.BadRequest, "BAD_WORKFLOW");
        await client.ProblemAsync("/v1/orchestrations", $$"""{"workflow":"{{new string('x', 21_000_000)}}"}""", HttpStatusCode.RequestEntityTooLarge, "TOO_LARGE");
        await client.ProblemAsync("/v1/orchestrations/000000000000000000000000/cancel", "{}", HttpStatusCode.NotFound, "NOT_FOUND");
        await client.ProblemAsync("/v1/nothing", "{}", HttpStatusCode.NotFound, "NOT_FOUND");
        await client.ProblemAsync($"/v1/orchestrations/{own}/complete", "{}", HttpStatusCode.Conflict, "PIPELINE_DRIVEN");
        await client.ProblemAsync($"/v1/orchestrations/{own}/complete", """{"abandoned":true}""", HttpStatusCode.Conflict, "RUNNING");
        await client.ProblemAsync($"/v1/orchestrations/{own}/retry", "{}", HttpStatusCode.Conflict, "RUNNING");

        Open();
        (await owner.WaitAsync()).MustExitWith(0);
    }

    private static async Task<string> RefusedAsync(HttpClient client, HttpStatusCode status, string code, Action<HttpRequestMessage> change)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/orchestrations");
        change(request);
        using var response = await client.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(code, JsonDocument.Parse(body).RootElement.GetProperty("code").GetString());
        return body;
    }

    // Reads to the end of the stream.
    private static async Task<List<(string Id, string Kind, string Data)>> EventsAsync(HttpClient client, string id, string? after)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/orchestrations/{id}/events");
        if (after is not null)
            request.Headers.Add("Last-Event-ID", after);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        var text = await response.Content.ReadAsStringAsync();
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(e => e.Split('\n')).Select(lines => (lines[0]["id: ".Length..], lines[1]["event: ".Length..], lines[2]["data: ".Length..]))];
    }
}
