using System.Net;
using System.Text.Json;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Service;

/// <summary>The service, and the batches that its clients make.</summary>
public sealed class ServeTests : GatedWorkplace
{
    [Fact]
    public async Task A_client_makes_batches_looks_at_results_and_completes()
    {
        await ServiceOfTest.DeployAsync(Folder, "greet", "def main(args):\n    if args['name'] == 'bad':\n        return {'error': 'no luck'}\n    return {'greeting': 'Hello, ' + args['name']}\n");
        await using var service = await ServiceOfTest.StartAsync(Folder);
        using var client = ApiOfTest.Connect(Folder);
        var run = await StartAsync(client, "greetings");
        var id = run[(run.LastIndexOf('/') + 1)..];

        var batch = """{"actions":[{"name":"greet","params":{"name":"Ada"}},{"name":"greet","params":{"name":"bad"}}],"retries":0,"parallelism":1}""";
        Assert.Equal("0", (await client.PostAsync($"{run}/batches", batch, HttpStatusCode.Accepted)).GetProperty("key").GetString());
        var ended = await client.ReadAsync($"{run}/batches/0?wait=30s");
        Assert.Equal(("ended", 1, 1), (ended.GetProperty("status").GetString(), ended.GetProperty("succeeded").GetInt32(), ended.GetProperty("failed").GetInt32()));
        var results = ended.GetProperty("results");
        Assert.Equal("""{"greeting":"Hello, Ada"}""", results[0].GetProperty("result").GetRawText().Replace(" ", "", StringComparison.Ordinal).Replace("Hello,", "Hello, ", StringComparison.Ordinal));
        Assert.Equal((false, "no luck"), (results[1].GetProperty("success").GetBoolean(), results[1].GetProperty("error").GetString()));
        Assert.Matches("^[0-9a-f]{24}$", results[0].GetProperty("actionId").GetString());

        // The same batch under its key is not made again; another one is refused with what differs.
        var keyed = batch.Replace("{\"actions\"", "{\"key\":\"0\",\"actions\"", StringComparison.Ordinal);
        await client.PostAsync($"{run}/batches", keyed, HttpStatusCode.Accepted);
        Assert.Contains("parallelism 1", await client.ProblemAsync($"{run}/batches", keyed.Replace("\"parallelism\":1", "\"parallelism\":2", StringComparison.Ordinal), HttpStatusCode.Conflict, "BATCH_CHANGED"), StringComparison.Ordinal);

        var shown = await client.PostAsync($"{run}/complete", """{"output":{"done":true}}""", HttpStatusCode.OK);
        Assert.Equal("completed", shown.GetProperty("status").GetString());
        Assert.Equal(2, (await client.ReadAsync($"{run}/report")).GetProperty("actions").GetArrayLength());
        await client.ProblemAsync($"{run}/batches", batch, HttpStatusCode.Conflict, "ENDED");
        Assert.Equal("ended", (await client.ReadAsync($"{run}/batches/0")).GetProperty("status").GetString());
        // Other terminals see it meanwhile.
        Assert.Contains("greetings", (await RunAsync("runs", "show", id)).MustExitWith(0).Output, StringComparison.Ordinal);

        service.Signal("TERM");
        Assert.Contains("stopped", (await service.WaitAsync()).MustExitWith(0).Output, StringComparison.Ordinal);
        Assert.False(File.Exists(ApiOfTest.FileIn(Folder)));
    }

    [Fact]
    public async Task What_is_wrong_with_a_batch_is_told()
    {
        await using var service = await ServiceOfTest.StartAsync(Folder);
        using var client = ApiOfTest.Connect(Folder);
        var run = await StartAsync(client, "wrong");

        Assert.Contains("'actions' takes a list", await client.ProblemAsync($"{run}/batches", "{}", HttpStatusCode.BadRequest, "BAD_REQUEST"), StringComparison.Ordinal);
        Assert.Contains("actions[0]", await client.ProblemAsync($"{run}/batches", """{"actions":[{}]}""", HttpStatusCode.BadRequest, "BAD_REQUEST"), StringComparison.Ordinal);
        Assert.Contains("a JSON object", await client.ProblemAsync($"{run}/batches", """{"actions":[{"name":"a","params":[1]}]}""", HttpStatusCode.BadRequest, "BAD_REQUEST"), StringComparison.Ordinal);
        Assert.Contains("'context'", await client.ProblemAsync($"{run}/batches", """{"actions":[{"name":"a","params":{"context":1}}]}""", HttpStatusCode.BadRequest, "BAD_REQUEST"), StringComparison.Ordinal);
        Assert.Contains("bucket/key", await client.ProblemAsync($"{run}/batches", """{"actions":[{"name":"a","writes":["x"]}]}""", HttpStatusCode.BadRequest, "BAD_REQUEST"), StringComparison.Ordinal);
        Assert.Contains("single or shared", await client.ProblemAsync($"{run}/batches", """{"actions":[],"writers":"many"}""", HttpStatusCode.BadRequest, "BAD_REQUEST"), StringComparison.Ordinal);
        Assert.Contains("'retries'", await client.ProblemAsync($"{run}/batches", """{"actions":[],"retries":-1}""", HttpStatusCode.BadRequest, "BAD_REQUEST"), StringComparison.Ordinal);
        Assert.Contains("it has none", await client.ProblemAsync($"{run}/batches/7", HttpStatusCode.NotFound, "NO_BATCH"), StringComparison.Ordinal);
        Assert.Contains("'wait'", await client.ProblemAsync($"{run}/batches/7?wait=2h", HttpStatusCode.BadRequest, "BAD_REQUEST"), StringComparison.Ordinal);
        Assert.Contains("'message'", await client.ProblemAsync($"{run}/fail", "{}", HttpStatusCode.BadRequest, "BAD_REQUEST"), StringComparison.Ordinal);
        await client.ProblemAsync("/v1/orchestrations", """{"name":"x","authSha256":"00"}""", HttpStatusCode.Conflict, "OTHER_NAMESPACE");
        await client.ProblemAsync("/v1/orchestrations", """{"name":"x","apiHost":"https://other"}""", HttpStatusCode.Conflict, "OTHER_PLATFORM");

        var failed = await client.PostAsync($"{run}/fail", """{"message":"the program gave up"}""", HttpStatusCode.OK);
        Assert.Equal("failed", failed.GetProperty("status").GetString());
        Assert.Equal("the program gave up", (await client.ReadAsync($"{run}/report")).GetProperty("error").GetProperty("message").GetString());
        Assert.Contains("serves", (await RunAsync("serve")).MustExitWith(1).Errors, StringComparison.Ordinal);
        Assert.Contains("--end-when-idle: 'soon'", (await RunAsync("serve", "--end-when-idle", "soon")).MustExitWith(2).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_kill_the_next_service_goes_on_by_itself_with_batches_and_workflows()
    {
        WriteWorkflow();
        await ServiceOfTest.DeployAsync(Folder, "second", await File.ReadAllTextAsync(PathOf("second.py")));
        string client1, workflow;
        await using (var service = await ServiceOfTest.StartAsync(Folder))
        {
            using var client = ApiOfTest.Connect(Folder);
            client1 = await StartAsync(client, "by-hand");
            await client.PostAsync($"{client1}/batches", """{"actions":[{"name":"second","params":{"gate":"gate"}}]}""", HttpStatusCode.Accepted);
            var start = JsonSerializer.Serialize(new { workflow = await File.ReadAllTextAsync(PathOf("gated.yaml")), directory = Folder, @params = new { gate = "gate" } });
            workflow = "/v1/orchestrations/" + (await client.PostAsync("/v1/orchestrations", start, HttpStatusCode.Created)).GetProperty("orchId").GetString();
            await WaitForCallAsync("second", 2);
            service.Kill();
            await service.WaitAsync();
        }

        await using var next = await ServiceOfTest.StartAsync(Folder, "--end-when-idle", "1s");
        using var again = ApiOfTest.Connect(Folder);
        Assert.Equal("running", (await again.ReadAsync($"{client1}/batches/0?wait=0s")).GetProperty("status").GetString());
        Open();
        Assert.Equal("ended", (await again.ReadAsync($"{client1}/batches/0?wait=1m")).GetProperty("status").GetString());
        await again.PostAsync($"{client1}/complete", "{}", HttpStatusCode.OK);

        // It ends by itself when the workflow has, too.
        Assert.Contains("stopped: nobody asked for anything", (await next.WaitAsync()).MustExitWith(0).Output, StringComparison.Ordinal);
        Assert.Equal("completed", (await RunAsync("runs", "show", workflow[(workflow.LastIndexOf('/') + 1)..], "--json")).MustExitWith(0).Json().GetProperty("status").GetString());
    }

    [Fact]
    public async Task It_keeps_the_credentials_of_an_OpenWhisk_elsewhere_for_its_next_start_and_for_nobody_else()
    {
        await using var whisk = await WhiskOfTest.StartAsync(Folder);
        await using (var service = await ServiceOfTest.StartAsync(Folder, new Dictionary<string, string> { ["Orchestration__Auth"] = whisk.Auth }, "--openwhisk", whisk.Url()))
        {
            service.Signal("INT");
            Assert.DoesNotContain(whisk.Auth.Split(':')[1], (await service.WaitAsync()).MustExitWith(0).All, StringComparison.Ordinal);
        }

        var kept = PathOf(".orchestration/credentials.json");
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(kept));
        await using var again = await ServiceOfTest.StartAsync(Folder, "--openwhisk", whisk.Url());
        again.Signal("INT");
        (await again.WaitAsync()).MustExitWith(0);
        Write(".orchestration/credentials.json", "{");
        Assert.Contains("credentials.json' cannot be read", (await RunAsync("serve", "--openwhisk", whisk.Url())).MustExitWith(1).Errors, StringComparison.Ordinal);
    }

    private static async Task<string> StartAsync(HttpClient client, string name) =>
        "/v1/orchestrations/" + (await client.PostAsync("/v1/orchestrations", $$"""{"name":"{{name}}"}""", HttpStatusCode.Created)).GetProperty("orchId").GetString();
}
