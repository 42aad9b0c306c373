using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Actions;

/// <summary>From an empty folder to an action that is called, in each language.</summary>
public sealed class ActionLifeTests : Workplace
{
    [Theory]
    [InlineData("python", "python:3")]
    [InlineData("nodejs", "nodejs:")]
    [InlineData("dotnet", "dotnet:10")]
    public async Task A_new_action_runs_and_is_deployed_and_called(string kind, string stored)
    {
        var made = (await RunAsync("action", "new", "my-greeting", "--kind", kind)).MustExitWith(0);
        Assert.Contains("action run my-greeting -P my-greeting/input.json", made.Output, StringComparison.Ordinal);

        var trial = (await RunAsync("action", "run", "my-greeting", "-P", "my-greeting/input.json", "--json")).MustExitWith(0).Json();
        Assert.Equal("Hello, Ada!", trial.GetProperty("result").GetProperty("greeting").GetString());
        var objects = trial.GetProperty("objects");
        Assert.Equal(["greetings/Ada.txt"], Names(objects, "reads"));
        Assert.Equal(["greetings/Ada.txt"], Names(objects, "writes"));
        Assert.Empty(Names(objects, "missing"));
        Assert.Contains(trial.GetProperty("logs").EnumerateArray(), line => line.GetString()!.EndsWith("greeting Ada", StringComparison.Ordinal));
        Assert.Equal("Hello, Ada!", await File.ReadAllTextAsync(PathOf(".orchestration/store/greetings/Ada.txt"), TestContext.Current.CancellationToken));

        var refused = (await RunAsync("action", "run", "my-greeting")).MustExitWith(1);
        Assert.Contains("error: 'name' takes a text", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("code BadInput", refused.Errors, StringComparison.Ordinal);

        Assert.Contains("my-greeting: would be created on the local OpenWhisk", (await RunAsync("action", "deploy", "my-greeting", "--dry-run")).MustExitWith(0).Output, StringComparison.Ordinal);
        Assert.Contains("my-greeting: created", (await RunAsync("action", "deploy", "my-greeting")).MustExitWith(0).Output, StringComparison.Ordinal);
        // The same files make the same archive.
        Assert.Contains("my-greeting: unchanged", (await RunAsync("action", "deploy", "my-greeting")).MustExitWith(0).Output, StringComparison.Ordinal);

        var listed = Assert.Single((await RunAsync("action", "list", "--json")).MustExitWith(0).Json().GetProperty("actions").EnumerateArray());
        Assert.StartsWith(stored, listed.GetProperty("kind").GetString(), StringComparison.Ordinal);
        var result = (await RunAsync("action", "invoke", "my-greeting", "-p", "name=Zoë", "--result")).MustExitWith(0).Json();
        Assert.Equal("""{"greeting":"Hello, Zoë!","object":"greetings/Zoë.txt"}""", JsonSerializer.Serialize(result, Relaxed));
        Assert.Contains("greeting Zoë", (await RunAsync("action", "logs", "my-greeting")).MustExitWith(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dotnet_action_is_also_a_program_that_an_image_serves()
    {
        (await RunAsync("action", "new", "greet", "--kind", "dotnet")).MustExitWith(0);
        await CallAsync("dotnet", "publish", PathOf("greet"), "-c", "Release", "-o", PathOf("publish"), "-v", "quiet", "--nologo", "-p:UseAppHost=false");
        var start = new ProcessStartInfo("dotnet", [PathOf("publish/Greet.dll")]) { RedirectStandardOutput = true, WorkingDirectory = Folder };
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["STORAGE_ENDPOINT"] = $"file:{PathOf("store")}";
        using var program = Process.Start(start)!;
        try
        {
            using var client = new HttpClient { BaseAddress = new Uri((await LineAsync(program, "Now listening on: ")).Split("on: ")[1]) };
            using var init = await client.PostAsJsonAsync("/init", new { value = new { name = "greet" } });
            init.EnsureSuccessStatusCode();
            using var run = await client.PostAsJsonAsync("/run", new { value = new { name = "Ada" }, activation_id = "0123" });
            Assert.Equal("Hello, Ada!", (await run.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("greeting").GetString());
            await LineAsync(program, "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX");
        }
        finally
        {
            program.Kill();
            await program.WaitForExitAsync();
        }
    }

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static IEnumerable<string?> Names(JsonElement objects, string kind) => objects.GetProperty(kind).EnumerateArray().Select(o => o.GetProperty("object").GetString());

    private static async Task CallAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output);
    }

    private static async Task<string> LineAsync(Process program, string text)
    {
        while (await program.StandardOutput.ReadLineAsync() is { } line)
            if (line.Contains(text, StringComparison.Ordinal))
                return line;
        throw new InvalidOperationException($"The program ended without '{text}'.");
    }
}
