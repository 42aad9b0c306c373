using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests;

/// <summary>The server runs code: web pages must not reach it, other machines neither.</summary>
public sealed class SecurityTests(SharedWhisk shared)
{
    private readonly TestWhisk _whisk = shared.Whisk;

    private int Port => _whisk.Server.BaseAddress.Port;

    private static Task<Reply> GetFromAsync(TestWhisk whisk, string? origin, string? host = null, HttpMethod? method = null) =>
        whisk.SendAsync(method ?? HttpMethod.Get, $"{TestWhisk.Api}/actions", change: request =>
        {
            if (origin is not null)
                request.Headers.Add("Origin", origin);
            request.Headers.Host = host;
        });

    [Theory]
    [InlineData("http://example.com")]
    [InlineData("https://localhost")]
    [InlineData("http://localhost:1")]
    [InlineData("null")]
    public async Task A_foreign_page_is_refused_even_with_the_key(string origin)
    {
        var reply = await GetFromAsync(_whisk, origin);
        reply.IsRefusal(403, "--allow-origin");
        Assert.Contains(origin, reply.Error, StringComparison.Ordinal);
        Assert.Null(reply.Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_foreign_page_is_refused_in_its_preflight_too() =>
        (await GetFromAsync(_whisk, "http://example.com", method: HttpMethod.Options)).IsRefusal(403, "http://example.com");

    [Theory]
    [InlineData("attacker.example")]
    [InlineData("attacker.example:80")]
    [InlineData("127.0.0.1:1")]
    [InlineData("127.0.0.1")]
    public async Task A_foreign_host_name_is_refused(string host) =>
        (await GetFromAsync(_whisk, null, host)).IsRefusal(403, host);

    [Fact]
    public async Task Own_names_are_served_and_need_no_cors_headers()
    {
        foreach (var name in (string[])["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
            Assert.Equal(200, (await GetFromAsync(_whisk, null, $"{name}:{Port}")).Status);
        Assert.Null((await GetFromAsync(_whisk, null)).Header("Access-Control-Allow-Origin"));
        Assert.Equal(200, (await GetFromAsync(_whisk, $"http://localhost:{Port}")).Status);
    }

    [Fact]
    public async Task An_allowed_origin_gets_the_cors_headers()
    {
        await using var whisk = await TestWhisk.StartAsync(o => o with { AllowedOrigins = ["http://app.example:8080"] });
        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Options])
        {
            var reply = await GetFromAsync(whisk, "http://app.example:8080", method: method);
            Assert.Equal(200, reply.Status);
            Assert.Equal("http://app.example:8080", reply.Header("Access-Control-Allow-Origin"));
            Assert.Equal("GET, DELETE, POST, PUT, HEAD", reply.Header("Access-Control-Allow-Methods"));
            Assert.Contains("Authorization", reply.Header("Access-Control-Allow-Headers"), StringComparison.Ordinal);
        }
        (await GetFromAsync(whisk, "http://app.example")).IsRefusal(403, "http://app.example");
        Assert.Equal(200, (await GetFromAsync(whisk, null, "app.example:8080")).Status);
    }

    [Fact]
    public async Task A_star_allows_all_as_the_real_platform_does()
    {
        await using var whisk = await TestWhisk.StartAsync(o => o with { AllowedOrigins = ["*"] });
        var reply = await GetFromAsync(whisk, "http://anything.example", "anything.example");
        Assert.Equal(200, reply.Status);
        Assert.Equal("*", reply.Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Only_loopback_is_listened_on()
    {
        var others = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address)
            .Where(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a)).Append(IPAddress.Parse("127.0.0.2"));
        foreach (var address in others)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await Assert.ThrowsAsync<SocketException>(() => socket.ConnectAsync(address, Port));
        }
    }

    [Fact]
    public void New_credentials_have_the_platforms_form_and_differ()
    {
        var (one, two) = (LocalWhiskOptions.NewAuth(), LocalWhiskOptions.NewAuth());
        Assert.Matches("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:[A-Za-z0-9]{64}$", one);
        Assert.NotEqual(one, two);
    }
}
