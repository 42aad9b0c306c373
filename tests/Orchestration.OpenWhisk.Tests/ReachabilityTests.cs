using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;
using Orchestration.OpenWhisk.Tests.Servers;
using static Orchestration.OpenWhisk.Tests.TestData;

namespace Orchestration.OpenWhisk.Tests;

/// <summary>What stands between us and OpenWhisk is said with the URL and what to do; nothing was started then.</summary>
public sealed class ReachabilityTests
{
    [Fact]
    public async Task Nobody_listens()
    {
        var url = FreePort.UrlOfNobody();
        await UnavailableAsync(Options(url), $"{url.GetLeftPart(UriPartial.Authority)} cannot be reached", "start it", "--openwhisk");
    }

    [Fact]
    public Task The_host_is_not_known() =>
        UnavailableAsync(Options(new Uri("http://no-such-host.invalid:3233")), "host of http://no-such-host.invalid:3233 is not known", "--openwhisk");

    [Fact]
    public async Task The_certificate_is_not_trusted_unless_told_to()
    {
        using var certificate = SelfSigned();
        await using var server = await ScriptedServer.StartAsync(context => context.Response.WriteAsync(Success("{}")), certificate);
        var options = Options(server.Url);
        await UnavailableAsync(options, "certificate", "--insecure", server.Url.GetLeftPart(UriPartial.Authority));
        Assert.Empty(server.Seen);
        var problem = await Assert.ThrowsAsync<OpenWhiskException>(() => OpenWhiskProbe.CheckAsync(options));
        Assert.Contains("--insecure", problem.Message, StringComparison.Ordinal);
        using var invoker = new OpenWhiskInvoker(options with { Insecure = true });
        Assert.IsType<InvokeReply.Succeeded>(await invoker.InvokeAsync(Request(), default));
    }

    [Fact]
    public async Task The_server_has_no_TLS()
    {
        await using var server = await ScriptedServer.StartAsync(200, "{}");
        var url = new UriBuilder(server.Url) { Scheme = "https" }.Uri;
        await UnavailableAsync(Options(url), "No TLS connection", "use http://");
        Assert.Empty(server.Seen);
    }

    [Fact]
    public async Task The_server_speaks_no_HTTP()
    {
        await using var server = new RawServer(async (_, _, socket) =>
        {
            await RawServer.SendAsync(socket, "SSH-2.0-OpenSSH_9.6\r\n");
            return false;
        });
        var problem = await Assert.ThrowsAsync<OpenWhiskException>(() => OpenWhiskProbe.CheckAsync(Options(server.Url)));
        Assert.Contains("does not answer in HTTP", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_probe_gives_up_on_a_server_that_does_not_answer()
    {
        var end = new TaskCompletionSource();
        await using var server = await ScriptedServer.StartAsync(_ => end.Task);
        var problem = await Assert.ThrowsAsync<OpenWhiskException>(() => OpenWhiskProbe.CheckAsync(Options(server.Url) with { RequestTimeout = TimeSpan.FromMilliseconds(200) }));
        Assert.Contains("did not answer within 0.2 s", problem.Message, StringComparison.Ordinal);
        end.SetResult();
    }

    private static async Task UnavailableAsync(OpenWhiskOptions options, params string[] expected)
    {
        using var invoker = new OpenWhiskInvoker(options);
        var failed = Assert.IsType<InvokeReply.Failed>(await invoker.InvokeAsync(Request(), default));
        Assert.Equal((AttemptOutcome.Unavailable, "UNREACHABLE"), (failed.Outcome, failed.Failure.Code));
        Assert.All(expected, text => Assert.Contains(text, failed.Failure.Message, StringComparison.Ordinal));
        var problem = await Assert.ThrowsAsync<OpenWhiskException>(() => OpenWhiskProbe.CheckAsync(options));
        Assert.All(expected, text => Assert.Contains(text, problem.Message, StringComparison.Ordinal));
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
