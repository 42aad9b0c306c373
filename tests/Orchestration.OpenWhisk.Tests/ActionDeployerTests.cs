using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Orchestration.OpenWhisk.Tests.Servers;
using static Orchestration.OpenWhisk.Tests.TestData;

namespace Orchestration.OpenWhisk.Tests;

public sealed class ActionDeployerTests : IDisposable
{
    private const string Python = "def main(args):\n    return {'text': 'Zoë'}\n";
    private readonly string _folder = Directory.CreateTempSubdirectory("deploy-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("a.py", "python:default")]
    [InlineData("a.JS", "nodejs:default")]
    [InlineData("a.go", "go:default")]
    public async Task A_source_file_is_sent_as_text_with_the_kind_of_its_extension(string file, string kind)
    {
        await using var server = await ScriptedServer.StartAsync(200, "{}");
        await DeployAsync(server, new ActionDeployment("pkg/hello", Write(file, Encoding.UTF8.GetBytes(Python))));
        Assert.Equal(("PUT", "/api/v1/namespaces/_/actions/pkg/hello?overwrite=true"), (server.Only.Method, server.Only.Target));
        using var body = JsonDocument.Parse(server.Only.Body);
        var exec = body.RootElement.GetProperty("exec");
        Assert.Equal((kind, Python), (exec.GetProperty("kind").GetString(), exec.GetProperty("code").GetString()));
        Assert.False(exec.TryGetProperty("main", out _));
        Assert.Empty(body.RootElement.GetProperty("limits").EnumerateObject());
    }

    [Fact]
    public async Task A_byte_order_mark_is_not_code()
    {
        await using var server = await ScriptedServer.StartAsync(200, "{}");
        await DeployAsync(server, new ActionDeployment("hello", Write("a.py", [0xEF, 0xBB, 0xBF, .. "x=1"u8])));
        using var body = JsonDocument.Parse(server.Only.Body);
        Assert.Equal("x=1", body.RootElement.GetProperty("exec").GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_zip_is_sent_as_base64_with_kind_main_and_limits()
    {
        await using var server = await ScriptedServer.StartAsync(200, "{}");
        var zip = Zip();
        await DeployAsync(server, new ActionDeployment("/guest/hello", Write("a.zip", zip))
        {
            Kind = "python:3",
            Main = "entry",
            Timeout = TimeSpan.FromMinutes(5),
            MemoryMegabytes = 512,
            LogMegabytes = 1,
            Concurrency = 2,
        });
        Assert.Equal("/api/v1/namespaces/guest/actions/hello?overwrite=true", server.Only.Target);
        using var body = JsonDocument.Parse(server.Only.Body);
        var exec = body.RootElement.GetProperty("exec");
        Assert.Equal(("python:3", "entry"), (exec.GetProperty("kind").GetString(), exec.GetProperty("main").GetString()));
        Assert.Equal(zip, exec.GetProperty("code").GetBytesFromBase64());
        Assert.Equal("""{"timeout":300000,"memory":512,"logs":1,"concurrency":2}""", body.RootElement.GetProperty("limits").GetRawText());
    }

    [Fact]
    public async Task A_file_that_cannot_be_used_is_told_before_anything_is_sent()
    {
        await using var server = await ScriptedServer.StartAsync(200, "{}");
        await RefusedAsync(server, new ActionDeployment("hello", Path.Combine(_folder, "gone.py")), "'hello'", "gone.py", "cannot be read");
        await RefusedAsync(server, new ActionDeployment("hello", _folder), "cannot be read");
        await RefusedAsync(server, new ActionDeployment("hello", Write("a.zip", Zip())), "kind cannot be told from 'a.zip'", "python:3");
        await RefusedAsync(server, new ActionDeployment("hello", Write("a.txt", "x"u8.ToArray())), "kind cannot be told");
        await RefusedAsync(server, new ActionDeployment("hello", Write("b.zip", "x"u8.ToArray())) { Kind = "python:3" }, "is not a zip archive");
        await RefusedAsync(server, new ActionDeployment("hello", Write("b.py", [0xFF, 0xFE])), "neither UTF-8 text nor a zip");
        await RefusedAsync(server, new ActionDeployment("hello", Write("c.py", [])), "is empty");
        await RefusedAsync(server, new ActionDeployment("hello", Write("d.py", new byte[48 * 1024 * 1024 + 1])), "OpenWhisk takes at most 50331648");
        await RefusedAsync(server, new ActionDeployment("a/b/c", Write("a.py", "x=1"u8.ToArray())), "'a/b/c' names no action");
        Assert.Empty(server.Seen);
    }

    [Theory]
    [InlineData("hello", 400, "The specified runtime 'nope:1' is not supported by this platform.", "refused to take action 'hello'")]
    [InlineData("hello", 401, "The supplied authentication is invalid", "refused the credentials")]
    [InlineData("pkg/hello", 404, "The requested resource does not exist.", "'wsk package create pkg'")]
    [InlineData("hello", 409, "Resource by this name exists but is not in this collection.", "belongs to something else")]
    [InlineData("hello", 413, "exec larger than allowed", "too large")]
    public async Task A_refusal_says_what_to_do(string name, int status, string error, string expected)
    {
        await using var server = await ScriptedServer.StartAsync(status, $$"""{"error":"{{error}}","code":"x"}""");
        await RefusedAsync(server, new ActionDeployment(name, Write("a.py", "x=1"u8.ToArray())), expected, server.Url.GetLeftPart(UriPartial.Authority));
    }

    [Fact]
    public async Task A_platform_that_is_not_there_is_told()
    {
        using var deployer = new ActionDeployer(Options(FreePort.UrlOfNobody()));
        var problem = await Assert.ThrowsAsync<OpenWhiskException>(() => deployer.DeployAsync(new ActionDeployment("hello", Write("a.py", "x=1"u8.ToArray()))));
        Assert.Contains("cannot be reached", problem.Message, StringComparison.Ordinal);
    }

    private static async Task DeployAsync(ScriptedServer server, ActionDeployment action)
    {
        using var deployer = new ActionDeployer(Options(server.Url));
        await deployer.DeployAsync(action);
    }

    private static async Task RefusedAsync(ScriptedServer server, ActionDeployment action, params string[] expected)
    {
        var problem = await Assert.ThrowsAsync<OpenWhiskException>(() => DeployAsync(server, action));
        Assert.All(expected, text => Assert.Contains(text, problem.Message, StringComparison.Ordinal));
    }

    private string Write(string name, byte[] content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    private static byte[] Zip()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        using (var entry = zip.CreateEntry("__main__.py").Open())
            entry.Write(Encoding.UTF8.GetBytes(Python));
        return stream.ToArray();
    }
}
