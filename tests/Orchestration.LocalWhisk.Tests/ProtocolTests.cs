using System.Net.Http.Headers;
using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests;

/// <summary>Section 8.1 of the reference: protocol, authentication, names.</summary>
public sealed class ProtocolTests(SharedWhisk shared)
{
    private readonly TestWhisk _whisk = shared.Whisk;

    [Theory]
    [InlineData("/api/v1")]
    [InlineData("/api/v1/")]
    public async Task The_api_describes_itself_without_credentials(string path)
    {
        var reply = await _whisk.GetAsAsync(path, null);
        Assert.Equal(200, reply.Status);
        Assert.Equal("v1", reply.Json.GetProperty("api_version_path").GetString());
        Assert.NotEmpty(reply.Json.GetProperty("api_version").GetString()!);
    }

    [Fact]
    public async Task The_root_tells_limits_and_runtimes()
    {
        var reply = await _whisk.GetAsAsync("/", null);
        Assert.Equal(200, reply.Status);
        Assert.Equal(3_600_000, reply.Json.GetProperty("limits").GetProperty("max_action_duration").GetInt64());
        Assert.StartsWith("python:3.", reply.Json.GetProperty("runtimes").GetProperty("python")[0].GetProperty("kind").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("nodejs:", reply.Json.GetProperty("runtimes").GetProperty("nodejs")[0].GetProperty("kind").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ping_answers_pong() => Assert.Equal("pong", (await _whisk.GetAsAsync("/ping", null)).Text);

    [Fact]
    public async Task Without_credentials_there_is_a_challenge()
    {
        var reply = await _whisk.GetAsAsync("/api/v1/namespaces/_/actions", null);
        reply.IsRefusal(401, "requires authentication");
        Assert.StartsWith("Basic realm=", reply.Header("WWW-Authenticate"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("23bc46b1-71f6-4ed5-8c54-816aa4f8c502:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("nobody:123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP")]
    public async Task Wrong_credentials_are_refused_everywhere(string auth)
    {
        foreach (var path in (string[])["/api/v1/namespaces", "/api/v1/namespaces/_/actions", "/api/v1/namespaces/_/limits", "/local/metrics"])
            (await _whisk.GetAsAsync(path, TestWhisk.Basic(auth))).IsRefusal(401, "supplied authentication is invalid");
    }

    [Fact]
    public async Task Another_scheme_than_basic_is_refused() =>
        (await _whisk.GetAsAsync("/api/v1/namespaces", new AuthenticationHeaderValue("Bearer", "x"))).IsRefusal(401, "supplied authentication is invalid");

    [Fact]
    public async Task The_key_opens_one_namespace()
    {
        Assert.Equal("""["guest"]""", (await _whisk.GetAsync("/api/v1/namespaces")).Text);
        Assert.Equal(200, (await _whisk.GetAsync("/api/v1/namespaces/guest/actions/echo")).Status);
        (await _whisk.GetAsync("/api/v1/namespaces/other/actions")).IsRefusal(403, "not authorized to access 'other'");
        (await _whisk.GetAsync("/api/v1/namespaces/other/actions/echo")).IsRefusal(403, "not authorized to access 'other/");
        (await _whisk.GetAsync("/api/v1/namespaces/o%24/actions")).IsRefusal(400, "The namespace contains illegal characters.");
    }

    [Fact]
    public async Task Limits_of_the_namespace_are_told()
    {
        var limits = (await _whisk.GetAsync("/api/v1/namespaces/_/limits")).Json;
        Assert.Equal(10_000, limits.GetProperty("concurrentInvocations").GetInt32());
        Assert.Equal("1048576 B", limits.GetProperty("maxParameterSize").GetString());
    }

    [Theory]
    [InlineData("my-own-id_1", true)]
    [InlineData("sid_x", false)]
    [InlineData("has space", false)]
    public async Task A_request_id_is_adopted_unless_reserved_or_odd(string sent, bool isAdopted)
    {
        var reply = await _whisk.SendAsync(HttpMethod.Get, "/api/v1/namespaces", change: r => r.Headers.TryAddWithoutValidation("X-Request-ID", sent));
        var id = reply.Header("X-Request-ID")!;
        Assert.Equal(isAdopted, id == sent);
        if (!isAdopted)
            Assert.Matches("^[A-Za-z0-9]{32}$", id);
    }

    [Theory]
    [InlineData("%20bad")]
    [InlineData("bad%20")]
    [InlineData("a$b")]
    [InlineData("pkg%2Faction")]
    [InlineData("%C3%A4")]
    public async Task Illegal_names_are_refused(string name) =>
        (await _whisk.GetAsync($"{TestWhisk.Api}/actions/{name}")).IsRefusal(400, "contains illegal characters");

    [Fact]
    public async Task A_name_of_257_characters_is_too_long() =>
        (await _whisk.GetAsync($"{TestWhisk.Api}/actions/{new string('a', 257)}")).IsRefusal(400, "Name segement longer than allowed: 257 > 256.");

    [Fact]
    public async Task An_encoded_name_goes_through_its_whole_life()
    {
        const string path = "my%20action@v1.0&more-";
        await _whisk.DeployAsync(path, Sources.Echo);
        Assert.Equal("my action@v1.0&more-", (await _whisk.GetAsync($"{TestWhisk.Api}/actions/{path}")).Json.GetProperty("name").GetString());
        Assert.Equal(200, (await _whisk.CallAsync(path)).Status);
        Assert.Equal(200, (await _whisk.SendAsync(HttpMethod.Delete, $"{TestWhisk.Api}/actions/{path}")).Status);
        (await _whisk.GetAsync($"{TestWhisk.Api}/actions/{path}")).IsRefusal(404, "does not exist");
    }

    [Theory]
    [InlineData("/nothing")]
    [InlineData("/api/v1/nothing")]
    [InlineData("/api/v1/namespaces/_")]
    [InlineData("/api/v1/namespaces/_/triggers")]
    [InlineData("/api/v1/namespaces/_/limits/x")]
    [InlineData("/api/v1/namespaces/_/actions/a/b/c")]
    public async Task Unknown_paths_are_not_found(string path) =>
        (await _whisk.GetAsync(path)).IsRefusal(404, "The requested resource could not be found.");

    [Fact]
    public async Task An_action_in_a_package_that_is_not_there_does_not_exist() =>
        (await _whisk.PutActionAsync("none/a", "{}")).IsRefusal(404, "The requested resource does not exist.");

    [Theory]
    [InlineData("PATCH", "/api/v1/namespaces/_/actions/echo", "DELETE, GET, POST, PUT")]
    [InlineData("POST", "/api/v1/namespaces/_/actions", "GET")]
    [InlineData("DELETE", "/api/v1/namespaces/_/activations/0123456789abcdef0123456789abcdef", "GET")]
    [InlineData("PUT", "/api/v1/namespaces/_/limits", "GET")]
    public async Task Other_verbs_are_refused(string method, string path, string allowed) =>
        (await _whisk.SendAsync(new HttpMethod(method), path, "{}")).IsRefusal(405, $"supported methods: {allowed}");

    [Fact]
    public async Task Head_is_not_served_as_get()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, $"{TestWhisk.Api}/actions/echo");
        using var response = await _whisk.Http.SendAsync(request);
        Assert.Equal(405, (int)response.StatusCode);
    }

    [Fact]
    public async Task Switches_take_the_usual_words_and_refuse_others()
    {
        foreach (var yes in (string[])["true", "YES", "on", "1"])
            Assert.Equal(200, (await _whisk.CallAsync("echo", query: $"?blocking={yes}&unknown=x")).Status);
        foreach (var no in (string[])["false", "No", "off", "0"])
            Assert.Equal(202, (await _whisk.CallAsync("echo", query: $"?blocking={no}")).Status);
        var refusal = (await _whisk.CallAsync("echo", query: "?blocking=maybe")).IsRefusal(400, "is not a valid Boolean value");
        Assert.StartsWith("The query parameter 'blocking' was malformed:\n", refusal.Error, StringComparison.Ordinal);
    }
}
