using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Service;

/// <summary>The service with many clients at once, well-meaning ones and others.</summary>
public sealed class ServeUnderLoadTests : Workplace
{
    [Fact]
    public async Task Two_hundred_runs_at_once_outlive_a_kill_of_the_service_and_none_is_lost()
    {
        const int runs = 200;
        await ServiceOfTest.DeployAsync(Folder, "square", "def main(args):\n    return {'n': args['n'] ** 2}\n");
        var service = await ServiceOfTest.StartAsync(Folder);
        var script = Path.Combine(SourceTree, "tests", "Orchestration.Host.Tests", "Service", "many_runs.py");
        using var client = Process.Start(new ProcessStartInfo("python3", [script, ApiOfTest.FileIn(Folder), $"{runs}"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var errors = client.StandardError.ReadToEndAsync();
            Assert.Equal("a third has ended", await client.StandardOutput.ReadLineAsync());
            service.Kill();
            await service.DisposeAsync();
            service = await ServiceOfTest.StartAsync(Folder);

            var said = await client.StandardOutput.ReadToEndAsync();
            await client.WaitForExitAsync();
            Assert.True(client.ExitCode == 0, $"{said}\n{await errors}");
            var outcome = JsonDocument.Parse(said).RootElement;
            Assert.Equal(runs, outcome.GetProperty("right").GetInt32());
            Assert.True(outcome.GetProperty("repeatedRequests").GetInt32() > 0, "The service was not missed.");
            // What a kill interrupts is tried again, and that is little: as many as can be in flight.
            Assert.InRange(outcome.GetProperty("attempts").GetInt32(), runs * 10, (runs * 10) + 100);
        }
        finally
        {
            if (!client.HasExited)
                client.Kill();
            await service.DisposeAsync();
        }
        Assert.Equal(runs, (await RunAsync("runs", "list", "--status", "completed", "--limit", "1000", "--json")).MustExitWith(0).Json().GetProperty("runs").GetArrayLength());
    }

    [Fact]
    public async Task Ten_thousand_bad_requests_get_the_right_answer_and_leave_the_service_well()
    {
        await using var service = await ServiceOfTest.StartAsync(Folder);
        using var client = ApiOfTest.Connect(Folder);
        var token = client.DefaultRequestHeaders.Authorization!.Parameter!;
        client.DefaultRequestHeaders.Authorization = null;
        (HttpMethod Method, string Path, string? Body, string? Token, int Status)[] kinds =
        [
            (HttpMethod.Get, "/v1/orchestrations", null, null, 401),
            (HttpMethod.Get, "/v1/orchestrations", null, new string('f', 64), 401),
            (HttpMethod.Get, "/v1/orchestrations", null, token[..^1], 401),
            (HttpMethod.Post, "/v1/orchestrations", "{", token, 400),
            (HttpMethod.Post, "/v1/orchestrations", new string('[', 10_000), token, 400),
            (HttpMethod.Post, "/v1/orchestrations", """{"name":7}""", token, 400),
            (HttpMethod.Post, "/v1/orchestrations", """{"name":"x","orchId":"../../etc/passwd"}""", token, 400),
            (HttpMethod.Post, "/v1/orchestrations", "\u0000\u0001\ud83d\ude00", token, 400),
            (HttpMethod.Get, "/v1/orchestrations/..%2f..%2f..%2fetc%2fpasswd", null, token, 404),
            (HttpMethod.Get, "/v1/orchestrations/%ff%fe%0a", null, token, 404),
            (HttpMethod.Get, "/v1/orchestrations/" + new string('a', 4_000), null, token, 404),
            (HttpMethod.Get, "/v1/orchestrations?limit=-1", null, token, 400),
            (HttpMethod.Get, "/v1/orchestrations?status=%27%20OR%201=1", null, token, 400),
            (HttpMethod.Delete, "/v1/orchestrations", null, token, 405),
            (HttpMethod.Get, "/etc/passwd", null, token, 404),
        ];
        var wrong = new ConcurrentBag<string>();

        await Parallel.ForAsync(0, 10_000, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, cancellation) =>
        {
            var (method, path, body, key, status) = kinds[i % kinds.Length];
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
            if (key is not null)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var response = await client.SendAsync(request, cancellation);
            var text = await response.Content.ReadAsStringAsync(cancellation);
            if ((int)response.StatusCode != status || response.Content.Headers.ContentType?.MediaType != "application/problem+json" || text.Contains(token, StringComparison.Ordinal) || text.Contains("   at ", StringComparison.Ordinal))
                wrong.Add($"{method} {path[..Math.Min(path.Length, 60)]}: {response.StatusCode} {text}");
        });

        Assert.Empty(wrong.Distinct());
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health/live", TestContext.Current.CancellationToken)).StatusCode);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        Assert.Equal(0, (await client.ReadAsync("/v1/orchestrations")).GetProperty("runs").GetArrayLength());
        await client.PostAsync("/v1/orchestrations", """{"name":"well"}""", HttpStatusCode.Created);
        service.Signal("TERM");
        Assert.DoesNotContain(token, (await service.WaitAsync()).MustExitWith(0).All, StringComparison.Ordinal);
    }
}
