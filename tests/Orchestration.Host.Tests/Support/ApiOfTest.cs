using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Orchestration.Host.Tests.Support;

/// <summary>The HTTP API of a process, as any program uses it.</summary>
internal static class ApiOfTest
{
    public static string FileIn(string folder) => Path.Combine(folder, ".orchestration", "api.json");

    public static HttpClient Connect(string folder)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(FileIn(folder)));
        var client = new HttpClient { BaseAddress = new Uri(file.RootElement.GetProperty("url").GetString()!) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", file.RootElement.GetProperty("secret").GetString());
        return client;
    }

    /// <summary>Posts something that is refused with a problem document.</summary>
    /// <returns>Its detail.</returns>
    public static async Task<string> ProblemAsync(this HttpClient client, string path, string body, HttpStatusCode status, string code)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), content);
        return await ProblemAsync(response, status, code);
    }

    /// <summary>Asks for something that is refused with a problem document.</summary>
    /// <returns>Its detail.</returns>
    public static async Task<string> ProblemAsync(this HttpClient client, string path, HttpStatusCode status, string code)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
        return await ProblemAsync(response, status, code);
    }

    public static async Task<JsonElement> PostAsync(this HttpClient client, string path, string body, HttpStatusCode status)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{response.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    public static async Task<JsonElement> ReadAsync(this HttpClient client, string path) => JsonDocument.Parse(await client.GetStringAsync(new Uri(path, UriKind.Relative))).RootElement;

    private static async Task<string> ProblemAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{response.StatusCode}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal((code, (int)status), (problem.GetProperty("code").GetString(), problem.GetProperty("status").GetInt32()));
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        return problem.GetProperty("detail").GetString()!;
    }
}
