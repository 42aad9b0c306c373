using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests;

/// <summary>Packages and bindings beyond the conformance list.</summary>
public sealed class PackageTests(SharedWhisk shared)
{
    private const string Api = TestWhisk.Api;
    private const string New = """{"exec":{"kind":"python:3","code":"def main(args):\n    return args\n"}}""";

    private readonly TestWhisk _whisk = shared.Whisk;

    [Fact]
    public async Task A_binding_lends_the_actions_of_its_package_with_parameters_of_its_own()
    {
        await _whisk.PutPackageAsync("pk-tools", """{"parameters":[{"key":"a","value":1},{"key":"b","value":1},{"key":"c","value":1}]}""");
        await _whisk.DeployAsync("pk-tools/echo", Sources.Echo, more: """ "parameters":[{"key":"c","value":3}] """);
        await _whisk.PutPackageAsync("pk-mine", """{"binding":{"namespace":"_","name":"pk-tools"},"parameters":[{"key":"b","value":2},{"key":"c","value":2}]}""");
        var reply = await _whisk.CallAsync("pk-mine/echo", """{"d":4}""");
        Assert.Equal("""{"a":1,"b":2,"c":3,"d":4}""", reply.Json.GetProperty("response").GetProperty("result").GetRawText());
        Assert.Equal(("guest/pk-tools/echo", "guest/pk-mine"), (reply.Json.Annotation("path")!.Value.GetString(), reply.Json.Annotation("binding")!.Value.GetString()));
        (await _whisk.PutActionAsync("pk-mine/more", New)).IsRefusal(400, "Operation not permitted on package binding.");
        (await _whisk.SendAsync(HttpMethod.Delete, $"{Api}/actions/pk-mine/echo")).IsRefusal(400, "Operation not permitted on package binding.");
        Assert.Equal("echo", Assert.Single((await _whisk.GetAsync($"{Api}/actions/pk-mine/")).Json.EnumerateArray()).GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_package_shows_its_actions_and_a_list_tells_bindings_from_packages()
    {
        await _whisk.PutPackageAsync("pk-shown");
        await _whisk.PutActionAsync("pk-shown/a", New);
        await _whisk.PutPackageAsync("pk-bound", """{"binding":{"namespace":"guest","name":"pk-shown"}}""");
        var package = (await _whisk.GetAsync($"{Api}/packages/pk-bound")).Json;
        Assert.Equal("a", Assert.Single(package.GetProperty("actions").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal("""{"namespace":"guest","name":"pk-shown"}""", package.GetProperty("binding").GetRawText());
        var listed = (await _whisk.GetAsync($"{Api}/packages?limit=200")).Json.EnumerateArray().ToDictionary(p => p.GetProperty("name").GetString()!, p => p.GetProperty("binding").GetRawText());
        Assert.Equal(("false", """{"namespace":"guest","name":"pk-shown"}"""), (listed["pk-shown"], listed["pk-bound"]));
    }

    [Theory]
    [InlineData("""{"binding":{"namespace":"_","name":"pk-nowhere"}}""", 400, "Binding references a package that does not exist.")]
    [InlineData("""{"binding":{"namespace":"other","name":"p"}}""", 403, "not authorized to access 'other/p'")]
    [InlineData("""{"binding":{"namespace":"_"}}""", 400, "'binding' must have 'namespace' and 'name'")]
    [InlineData("""{"parameters":{}}""", 400, "parameters malformed!")]
    public async Task A_package_that_cannot_be_is_refused(string json, int status, string error) =>
        (await _whisk.SendAsync(HttpMethod.Put, $"{Api}/packages/pk-refused", json)).IsRefusal(status, error);

    [Fact]
    public async Task A_name_belongs_to_one_collection()
    {
        await _whisk.PutPackageAsync("pk-name");
        (await _whisk.PutActionAsync("pk-name", New)).IsRefusal(409, "Resource by this name exists but is not in this collection.");
        (await _whisk.CallAsync("pk-name")).IsRefusal(409, "Resource by this name exists but is not in this collection.");
        (await _whisk.SendAsync(HttpMethod.Put, $"{Api}/packages/echo", "{}")).IsRefusal(409, "Resource by this name exists but is not in this collection.");
    }

    [Fact]
    public async Task A_changed_parameter_of_a_package_reaches_processes_that_had_it_in_their_environment()
    {
        const string value = """{"parameters":[{"key":"PK_ENV","value":"VALUE","init":true}]}""";
        await _whisk.PutPackageAsync("pk-env", value.Replace("VALUE", "one", StringComparison.Ordinal));
        await _whisk.DeployAsync("pk-env/env", "import os\ndef main(args):\n    return {'is': os.environ['PK_ENV'], 'args': args}\n");
        Assert.Equal("""{"is":"one","args":{}}""", (await _whisk.CallAsync("pk-env/env", "{}", "?blocking=true&result=true")).Text);
        await _whisk.PutPackageAsync("pk-env", value.Replace("VALUE", "two", StringComparison.Ordinal));
        Assert.Equal("""{"is":"two","args":{}}""", (await _whisk.CallAsync("pk-env/env", "{}", "?blocking=true&result=true")).Text);
    }

    [Fact]
    public async Task Packages_their_actions_and_the_records_names_outlive_a_restart()
    {
        var directory = TestWhisk.NewDirectory();
        await using (var whisk = await TestWhisk.StartAsync(o => o, directory))
        {
            await whisk.PutPackageAsync("p", """{"parameters":[{"key":"x","value":1}]}""");
            await whisk.DeployAsync("p/echo", Sources.Echo);
            await whisk.PutSequenceAsync("p/seq", "p/echo");
            await whisk.RecordAsync((await whisk.CallAsync("p/echo", """{"key":"path","value":"guest/q/r"}""")).ActivationId!);
        }
        await using (var whisk = await TestWhisk.StartAsync(o => o, directory))
        {
            Assert.Equal("""{"x":1}""", (await whisk.CallAsync("p/seq", "{}", "?blocking=true&result=true")).Text);
            Assert.Equal(1, (await whisk.GetAsync($"{Api}/activations?name=p/echo&limit=1")).Json.GetArrayLength());
            Assert.Equal(0, (await whisk.GetAsync($"{Api}/activations?name=q/r")).Json.GetArrayLength());
        }
        Directory.Delete(directory, recursive: true);
    }
}
