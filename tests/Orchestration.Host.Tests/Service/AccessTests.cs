using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Service;

/// <summary>Who gets what of a service that listens for others.</summary>
public sealed class AccessTests : Workplace
{
    private static readonly string[] ForOthers = ["--listen", "127.0.0.1:0", "--behind-proxy"];

    [Fact]
    public async Task A_key_may_do_what_its_scope_says_and_every_change_is_in_the_audit()
    {
        var keys = new[] { await ServiceOfTest.AddKeyAsync(Folder, "looker", "read"), await ServiceOfTest.AddKeyAsync(Folder, "runner", "run"), await ServiceOfTest.AddKeyAsync(Folder, "keeper", "admin") };
        await using var service = await ServiceOfTest.StartAsync(Folder, ForOthers);
        var address = await service.AddressAsync();
        using var nobody = ServiceOfTest.Connect(address, null);
        using var looker = ServiceOfTest.Connect(address, keys[0]);
        using var runner = ServiceOfTest.Connect(address, keys[1]);
        using var keeper = ServiceOfTest.Connect(address, keys[2]);

        await nobody.ProblemAsync("/v1/orchestrations", HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        await nobody.ProblemAsync("/metrics", HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.Equal(HttpStatusCode.OK, (await nobody.GetAsync("/health/ready")).StatusCode);

        await looker.ReadAsync("/v1/orchestrations");
        Assert.Contains("'looker' has the scope read", await looker.ProblemAsync("/v1/orchestrations", """{"name":"x"}""", HttpStatusCode.Forbidden, "SCOPE"), StringComparison.Ordinal);
        var id = (await runner.PostAsync("/v1/orchestrations", """{"name":"x"}""", HttpStatusCode.Created)).GetProperty("orchId").GetString();
        foreach (var change in new[] { "cancel", "complete", "fail", "resume", "retry", "heal", "batches" })
            await looker.ProblemAsync($"/v1/orchestrations/{id}/{change}", "{}", HttpStatusCode.Forbidden, "SCOPE");
        await looker.ProblemAsync("/v1/workflows/validate", "{}", HttpStatusCode.Forbidden, "SCOPE");
        using (var put = await looker.PutAsync("/v1/workflows/x", new StringContent("{}")))
            Assert.Equal(HttpStatusCode.Forbidden, put.StatusCode);
        using (var delete = await looker.DeleteAsync("/v1/workflows/x"))
            Assert.Equal(HttpStatusCode.Forbidden, delete.StatusCode);
        var withFolder = JsonSerializer.Serialize(new { workflow = await File.ReadAllTextAsync(HelloWorkflow), directory = Path.GetDirectoryName(HelloWorkflow) });
        Assert.Contains("takes admin", await runner.ProblemAsync("/v1/orchestrations", withFolder, HttpStatusCode.Forbidden, "SCOPE"), StringComparison.Ordinal);
        await keeper.PostAsync("/v1/orchestrations", withFolder, HttpStatusCode.Created);
        await runner.PostAsync($"/v1/orchestrations/{id}/cancel", """{"reason":"a private reason"}""", HttpStatusCode.OK);

        // The token of this machine's programs is for them alone.
        using (var file = JsonDocument.Parse(await File.ReadAllBytesAsync(ApiOfTest.FileIn(Folder))))
        using (var local = ServiceOfTest.Connect(address, file.RootElement.GetProperty("secret").GetString()))
        {
            Assert.NotEqual(address.Port, new Uri(file.RootElement.GetProperty("url").GetString()!).Port);
            await local.ProblemAsync("/v1/info", HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        }

        (await RunAsync("keys", "remove", "runner")).MustExitWith(0);
        await runner.ProblemAsync("/v1/info", HttpStatusCode.Unauthorized, "UNAUTHORIZED");

        var audit = (await File.ReadAllLinesAsync(PathOf(".orchestration/audit.jsonl"))).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Contains(audit, l => (Text(l, "caller"), Text(l, "made"), l.GetProperty("status").GetInt32()) == ("runner", $"/v1/orchestrations/{id}", 201));
        Assert.Contains(audit, l => (Text(l, "caller"), Text(l, "path")) == ("runner", $"/v1/orchestrations/{id}/cancel"));
        Assert.Contains(audit, l => (Text(l, "caller"), l.GetProperty("status").GetInt32()) == ("looker", 403));
        Assert.DoesNotContain(audit, l => Text(l, "method") == "GET" && l.GetProperty("status").GetInt32() == 200);
        // What comes from nobody known could fill the disk, but for wrong keys, which are held back.
        Assert.All(audit, l => Assert.True(Text(l, "caller") is not null || l.GetProperty("status").GetInt32() == 401, l.GetRawText()));

        service.Signal("TERM");
        var everything = (await service.WaitAsync()).MustExitWith(0).All + string.Concat(audit) + await File.ReadAllTextAsync(PathOf(".orchestration/keys.json"));
        Assert.All(keys, key => Assert.DoesNotContain(key.Split('_')[2], everything, StringComparison.Ordinal));
        Assert.DoesNotContain("a private reason", string.Concat(audit), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_asks_too_often_or_guesses_keys_is_held_back()
    {
        var key = await ServiceOfTest.AddKeyAsync(Folder, "busy", "read");
        await using var service = await ServiceOfTest.StartAsync(Folder, [.. ForOthers, "--rate-limit", "5"]);
        var address = await service.AddressAsync();
        using var busy = ServiceOfTest.Connect(address, key);
        using var guesser = ServiceOfTest.Connect(address, $"{key[..^1]}{(key[^1] == '0' ? '1' : '0')}");
        // What a proxy says of where a request comes from counts here.
        guesser.DefaultRequestHeaders.Add("X-Forwarded-For", "10.0.0.1, 198.51.100.7");

        Assert.Equal(1, await CountAsync(busy, HttpStatusCode.OK, HttpStatusCode.TooManyRequests));
        Assert.Equal(1, await CountAsync(guesser, HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests));
        await guesser.ProblemAsync("/v1/info", HttpStatusCode.TooManyRequests, "TOO_OFTEN");
        using (var refused = await guesser.GetAsync("/v1/info"))
            Assert.True(refused.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        var audit = await File.ReadAllTextAsync(PathOf(".orchestration/audit.jsonl"));
        Assert.Contains("\"198.51.100.7\"", audit, StringComparison.Ordinal);
        // What was held back could fill the disk.
        Assert.DoesNotContain("\"status\":429", audit, StringComparison.Ordinal);
        // Guessing from there keeps nobody else out.
        using var other = ServiceOfTest.Connect(address, await ServiceOfTest.AddKeyAsync(Folder, "other", "read"));
        await other.ReadAsync("/v1/info");

        // Asks until it is held back; one more than 2 seconds' worth is the most.
        static async Task<int> CountAsync(HttpClient client, HttpStatusCode first, HttpStatusCode then)
        {
            for (var i = 0; i < 200; i++)
            {
                using var answer = await client.GetAsync("/v1/info");
                if (answer.StatusCode == then)
                    return i >= 10 ? 1 : 0;
                Assert.Equal(first, answer.StatusCode);
            }
            return 0;
        }
    }

    [Fact]
    public async Task Web_pages_of_others_are_refused_and_its_own_is_not()
    {
        var key = await ServiceOfTest.AddKeyAsync(Folder, "page", "run");
        await using var service = await ServiceOfTest.StartAsync(Folder, ForOthers);
        var address = await service.AddressAsync();
        using var client = ServiceOfTest.Connect(address, key);
        Assert.Equal(HttpStatusCode.Created, await PostFromAsync(address.AbsoluteUri.TrimEnd('/')));
        Assert.Equal(HttpStatusCode.Forbidden, await PostFromAsync("https://evil.example"));
        Assert.Equal(HttpStatusCode.Forbidden, await PostFromAsync("null"));

        async Task<HttpStatusCode> PostFromAsync(string origin)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/orchestrations") { Content = new StringContent("""{"name":"x"}""", Encoding.UTF8, "application/json") };
            request.Headers.Add("Origin", origin);
            using var response = await client.SendAsync(request);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task TLS_is_made_with_the_certificate_and_with_a_renewed_one_without_a_restart()
    {
        var first = WriteCertificate();
        await using var service = await ServiceOfTest.StartAsync(Folder, "--listen", "127.0.0.1:0", "--tls-certificate", "c.pem", "--tls-key", "k.pem");
        var address = await service.AddressAsync();
        Assert.Equal("https", address.Scheme);
        Assert.Equal(first, await SeenAsync(address));
        var second = WriteCertificate();
        Assert.NotEqual(first, second);
        Assert.Equal(second, await SeenAsync(address));
        // Half a renewal changes nothing.
        File.Delete(PathOf("k.pem"));
        File.SetLastWriteTimeUtc(PathOf("c.pem"), DateTime.UtcNow.AddMinutes(1));
        Assert.Equal(second, await SeenAsync(address));
    }

    [Fact]
    public async Task What_would_leave_it_open_is_refused_with_what_to_do()
    {
        var plain = (await RunAsync("serve", "--listen", "0.0.0.0:0")).MustExitWith(2).Errors;
        Assert.Contains("--tls-certificate and --tls-key", plain, StringComparison.Ordinal);
        Assert.Contains("--behind-proxy", plain, StringComparison.Ordinal);
        Assert.Contains("keys add NAME", (await RunAsync(["serve", .. ForOthers])).MustExitWith(2).Errors, StringComparison.Ordinal);
        Assert.Contains("'nowhere' is no ADDRESS:PORT", (await RunAsync("serve", "--listen", "nowhere")).MustExitWith(2).Errors, StringComparison.Ordinal);
        Assert.Contains("is no ADDRESS:PORT", (await RunAsync("serve", "--listen", "::1")).MustExitWith(2).Errors, StringComparison.Ordinal);
        Assert.Contains("takes both", (await RunAsync("serve", "--listen", "127.0.0.1:0", "--tls-key", "k.pem")).MustExitWith(2).Errors, StringComparison.Ordinal);
        Assert.Contains("--listen tells", (await RunAsync("serve", "--tls-key", "k.pem")).MustExitWith(2).Errors, StringComparison.Ordinal);
        Assert.Contains("cannot be used", (await RunAsync("serve", "--listen", "127.0.0.1:0", "--tls-key", "k.pem", "--tls-certificate", "c.pem")).MustExitWith(2).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_that_is_wrong_with_settings_is_told_at_once()
    {
        Write("appsettings.json", """{"Orchestration":{"RateLimit":"often","Drain":"1h","Lineage":{"MaxDepth":"deep"},"LogFormat":"xml"}}""");
        var told = (await RunAsync("serve", "--listen", "nowhere", "--object-store", "ftp://x", "--hocon", "none.conf")).MustExitWith(2).Errors;
        Assert.All(["RateLimit in appsettings.json: 'often'", "Drain in appsettings.json: '1h'", "MaxDepth in appsettings.json: 'deep'", "LogFormat in appsettings.json: 'xml'", "--listen: 'nowhere'", "ftp://x", "--hocon: the file 'none.conf'"],
            part => Assert.Contains(part, told, StringComparison.Ordinal));
        Assert.Equal(7, told.Split('\n').Count(l => l.StartsWith("error: ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Keys_are_made_listed_and_removed()
    {
        Assert.Contains("There is no key", (await RunAsync("keys", "list")).MustExitWith(0).Output, StringComparison.Ordinal);
        var made = (await RunAsync("keys", "add", "ci", "--json", "--expires", "90d")).MustExitWith(0).Json();
        Assert.Matches("^orch_[0-9a-f]{8}_[0-9a-f]{64}$", made.GetProperty("token").GetString());
        Assert.Equal("run", made.GetProperty("scope").GetString());
        var file = await File.ReadAllTextAsync(PathOf(".orchestration/keys.json"));
        Assert.DoesNotContain(made.GetProperty("token").GetString()!.Split('_')[2], file, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(PathOf(".orchestration/keys.json")));
        Assert.Contains("already", (await RunAsync("keys", "add", "ci")).MustExitWith(2).Errors, StringComparison.Ordinal);
        Assert.Contains("is no name of a key", (await RunAsync("keys", "add", "a b")).MustExitWith(2).Errors, StringComparison.Ordinal);
        Assert.Contains("is not a duration", (await RunAsync("keys", "add", "x", "--expires", "soon")).MustExitWith(2).Errors, StringComparison.Ordinal);
        Assert.Contains("ci", (await RunAsync("keys", "list")).MustExitWith(0).Output, StringComparison.Ordinal);
        Assert.Single((await RunAsync("keys", "list", "--json")).MustExitWith(0).Json().GetProperty("keys").EnumerateArray());
        Assert.Contains("It has: ci", (await RunAsync("keys", "remove", "cj")).MustExitWith(2).Errors, StringComparison.Ordinal);
        (await RunAsync("keys", "remove", made.GetProperty("id").GetString()!)).MustExitWith(0);
        Assert.Contains("There is no key", (await RunAsync("keys", "list")).MustExitWith(0).Output, StringComparison.Ordinal);
        Write(".orchestration/keys.json", "{");
        Assert.Contains("cannot be read", (await RunAsync("keys", "list")).MustExitWith(1).Errors, StringComparison.Ordinal);
    }

    private string WriteCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Write("k.pem", key.ExportPkcs8PrivateKeyPem());
        Write("c.pem", certificate.ExportCertificatePem());
        return certificate.Thumbprint;
    }

    private static async Task<string> SeenAsync(Uri address)
    {
        var seen = "";
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                // It is signed by nobody; which one it is the test looks at.
                RemoteCertificateValidationCallback = (_, certificate, _, _) => (seen = ((X509Certificate2)certificate!).Thumbprint).Length > 0,
            },
        };
        using var client = new HttpClient(handler) { BaseAddress = address };
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health/live")).StatusCode);
        return seen;
    }

    private static string? Text(JsonElement line, string name) => line.TryGetProperty(name, out var value) ? value.GetString() : null;
}
