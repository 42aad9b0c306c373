using Orchestration.Core.Ports;

namespace Orchestration.ObjectStore.Tests;

public sealed class ObjectStoreFactoryTests
{
    [Theory]
    [InlineData("http://127.0.0.1:9000", "http://127.0.0.1:9000")]
    [InlineData("https://minio.example.org", "https://minio.example.org")]
    [InlineData("https://minio.example.org:443/", "https://minio.example.org")]
    [InlineData("127.0.0.1:9000", "http://127.0.0.1:9000")]
    [InlineData(" minio:9000 ", "http://minio:9000")]
    [InlineData("[::1]:9000", "http://[::1]:9000")]
    public void An_endpoint_is_an_S3_server(string location, string expected)
    {
        using var store = Assert.IsType<MinioObjectStore>(ObjectStoreFactory.Create(location, "key", "secret"));
        Assert.Equal(expected, store.Location);
    }

    [Theory]
    [InlineData("file:/data/objects", "/data/objects")]
    [InlineData("file:///data/my%20objects", "/data/my objects")]
    [InlineData("file://localhost/data", "/data")]
    [InlineData("file:/data/100%25", "/data/100%25")]
    [InlineData("FILE:/data", "/data")]
    public void A_file_location_is_a_folder(string location, string expected) =>
        Assert.Equal("file:" + expected, Assert.IsType<FolderObjectStore>(ObjectStoreFactory.Create(location)).Location);

    [Fact]
    public void A_relative_folder_is_below_the_working_folder() =>
        Assert.Equal("file:" + Path.Combine(Environment.CurrentDirectory, "objects"), ObjectStoreFactory.Create("file:objects").Location);

    [Theory]
    [InlineData("", "is no object store")]
    [InlineData("minio", "'minio' is no object store")]
    [InlineData("/data/objects", "file:DIR")]
    [InlineData("ftp://minio:21", "is no object store")]
    [InlineData("s3://bucket", "is no object store")]
    [InlineData("http://", "is no object store")]
    [InlineData("minio:port", "is no object store")]
    [InlineData("[::1]", "is no object store")]
    [InlineData("http://minio:9000/bucket", "path")]
    [InlineData("http://minio:9000?x=1", "path")]
    [InlineData("http://user:secret@minio:9000", "has credentials in it")]
    [InlineData("user:secret@minio", "has credentials in it")]
    [InlineData("secret@minio", "'minio' is no object store")]
    [InlineData("file:", "names no folder")]
    [InlineData("file://", "names no folder")]
    [InlineData("file://host/data", "names the host 'host'")]
    public void Anything_else_is_told_with_what_is_possible(string location, string expected)
    {
        var problem = Assert.Throws<ObjectStoreException>(() => ObjectStoreFactory.Create(location, "key", "secret"));
        Assert.Equal("InvalidEndpoint", problem.Code);
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem.Message.Replace("--secret-key", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("key", null)]
    [InlineData("", "hidden")]
    public void One_key_without_the_other_is_a_mistake(string? accessKey, string? secretKey)
    {
        var problem = Assert.Throws<ObjectStoreException>(() => ObjectStoreFactory.Create("minio:9000", accessKey, secretKey));
        Assert.Contains("--access-key and --secret-key", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", problem.Message, StringComparison.Ordinal);
    }
}
