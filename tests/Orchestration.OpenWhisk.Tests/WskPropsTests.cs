using static Orchestration.OpenWhisk.Tests.TestData;

namespace Orchestration.OpenWhisk.Tests;

public sealed class WskPropsTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("wskprops-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public void The_file_is_read_as_wsk_reads_it()
    {
        var props = Load($"""
            # made by hand
            APIHOST=openwhisk.example.org   # ours

              AUTH = {Auth}
            NAMESPACE=_
            APIVERSION=v1
            CERT=
            SOMETHING=else=with equals
            """)!;
        Assert.Equal(new Uri("https://openwhisk.example.org"), props.ApiHost);
        Assert.Equal((Auth, "_", "v1"), (props.Auth, props.Namespace, props.ApiVersion));
        Assert.Equal(Path.Combine(_home, ".wskprops"), props.Path);
    }

    [Theory]
    [InlineData("http://localhost:3233", "http://localhost:3233/")]
    [InlineData("https://10.0.0.1:31001", "https://10.0.0.1:31001/")]
    [InlineData("localhost:31001", "https://localhost:31001/")]
    [InlineData("example.org", "https://example.org/")]
    public void A_host_without_a_scheme_means_https(string host, string expected) =>
        Assert.Equal(expected, Load($"APIHOST={host}")!.ApiHost!.AbsoluteUri);

    [Fact]
    public void What_is_not_set_is_null()
    {
        var props = Load("APIHOST=\nAUTH=\n")!;
        Assert.Equal((null, null, null, null), (props.ApiHost, props.Auth, props.Namespace, props.ApiVersion));
    }

    [Fact]
    public void Without_a_file_there_are_no_settings() => Assert.Null(WskProps.Load(null, _home));

    [Fact]
    public void Another_file_can_be_named()
    {
        var path = Path.Combine(_home, "other.props");
        File.WriteAllText(path, "APIHOST=http://other:1");
        File.WriteAllText(Path.Combine(_home, ".wskprops"), "APIHOST=http://default:1");
        Assert.Equal("http://other:1/", WskProps.Load(path, _home)!.ApiHost!.AbsoluteUri);
        var problem = Assert.Throws<OpenWhiskException>(() => WskProps.Load(path + ".gone", _home));
        Assert.Contains("WSK_CONFIG_FILE", problem.Message, StringComparison.Ordinal);
        Assert.Contains(path + ".gone", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_named()
    {
        Directory.CreateDirectory(Path.Combine(_home, "locked"));
        var problem = Assert.Throws<OpenWhiskException>(() => WskProps.Load(Path.Combine(_home, "locked"), _home));
        Assert.Contains("locked", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("secret-without-equals", "line 1: not of the form KEY=VALUE")]
    [InlineData("# fine\n\nAUTH=secret-no-colon", "line 3, AUTH: the credentials are not of the form UUID:KEY")]
    [InlineData("AUTH=:secret-no-uuid", "line 1, AUTH")]
    [InlineData("AUTH=uuid:secret two", "line 1, AUTH")]
    [InlineData("APIHOST=ftp://example.org", "line 1, APIHOST: 'ftp://example.org' is no OpenWhisk host")]
    [InlineData("APIHOST=http://", "line 1, APIHOST")]
    [InlineData("APIHOST=https://user:secret@example.org", "line 1, APIHOST: the URL of OpenWhisk at example.org has credentials")]
    [InlineData("APIVERSION=v1/../x", "line 1, APIVERSION")]
    public void A_mistake_is_named_with_file_and_line_and_without_secrets(string text, string expected)
    {
        var problem = Assert.Throws<OpenWhiskException>(() => Load(text));
        Assert.StartsWith(Path.Combine(_home, ".wskprops"), problem.Message, StringComparison.Ordinal);
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem.Message, StringComparison.Ordinal);
    }

    private WskProps? Load(string text)
    {
        File.WriteAllText(Path.Combine(_home, ".wskprops"), text);
        return WskProps.Load(null, _home);
    }
}
