using Orchestration.Host.Commands;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Settings;

public sealed class ConfigShowTests : Workplace
{
    [Fact]
    public async Task Each_setting_is_shown_with_where_it_comes_from_and_no_secret()
    {
        Write("appsettings.json", """{ "Orchestration": { "PoolSize": 7, "MaxInFlight": 5, "Secrets": { "API_KEY": "t0p" } } }""");
        var environment = new Dictionary<string, string>
        {
            ["Orchestration__PoolSize"] = "8",
            ["Orchestration__Auth"] = "user:verysecret",
            ["AWS_SECRET_ACCESS_KEY"] = "s3cr3t",
            ["Orchestration__Database"] = "mongodb://me:pa55@host/db",
        };

        var result = (await HostProcess.RunAsync(Folder, environment, "config", "show", "-o", "json", "--data-dir", "data", "--verbose")).MustExitWith(0);

        var settings = result.Json().GetProperty("settings").EnumerateArray().ToDictionary(s => s.GetProperty("name").GetString()!);
        Assert.Equal(("8", "Orchestration__PoolSize in the environment", true), Of("PoolSize"));
        Assert.Equal(("5", "Orchestration:MaxInFlight in appsettings.json", true), Of("MaxInFlight"));
        Assert.Equal(("***", "Orchestration__Auth in the environment", true), Of("Auth"));
        Assert.Equal(("***", "AWS_SECRET_ACCESS_KEY in the environment", true), Of("SecretKey"));
        Assert.Equal(("mongodb://***@host/db", "Orchestration__Database in the environment", true), Of("Database"));
        Assert.Equal(("data", "--data-dir", true), Of("DataDir"));
        Assert.Equal(("true", "--verbose", true), Of("Verbose"));
        Assert.Equal(("local", "default", false), Of("OpenWhisk"));
        Assert.Equal(("5s", "default", false), Of("BlockingWait"));
        Assert.Equal((null, "default", false), Of("SecretsFile"));
        Assert.Equal(("***", "Orchestration:Secrets:API_KEY in appsettings.json", true), Of("Secrets:API_KEY"));
        Assert.Equal(CommonOptions.Settings.Count + 1, settings.Count);
        Assert.All(new[] { "verysecret", "s3cr3t", "pa55", "t0p" }, secret => Assert.DoesNotContain(secret, result.All, StringComparison.Ordinal));

        (string?, string, bool) Of(string name) => (settings[name].GetProperty("value").GetString(), settings[name].GetProperty("source").GetString()!, settings[name].GetProperty("isSet").GetBoolean());
    }

    [Fact]
    public async Task What_wskprops_says_holds_when_nothing_else_is_said()
    {
        var props = Write("props", "APIHOST=http://whisk.example\nAUTH=a:verysecret\n");

        var result = (await HostProcess.RunAsync(Folder, new Dictionary<string, string> { ["WSK_CONFIG_FILE"] = props }, "config", "show")).MustExitWith(0);

        Assert.Matches($@"(?m)^OpenWhisk +http://whisk\.example +APIHOST in", result.Output);
        Assert.Matches(@"(?m)^Auth +\*\*\* +\.wskprops", result.Output);
        Assert.DoesNotContain("verysecret", result.All, StringComparison.Ordinal);
    }
}
