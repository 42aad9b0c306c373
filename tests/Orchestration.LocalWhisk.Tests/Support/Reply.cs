using System.Net.Http.Headers;
using System.Text.Json;

namespace Orchestration.LocalWhisk.Tests.Support;

public sealed record Reply(int Status, string Text, HttpResponseHeaders Headers)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public string Error => Json.GetProperty("error").GetString()!;

    /// <summary>The header of an outcome; null where no activation is spoken of.</summary>
    public string? ActivationId => Header("x-openwhisk-activation-id");

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    public static async Task<Reply> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        var reply = new Reply((int)response.StatusCode, text, response.Headers);
        CheckAlways(reply, response);
        return reply;
    }

    /// <summary>A refusal: status, a text that contains <paramref name="error"/>, the code, no activation.</summary>
    public Reply IsRefusal(int status, string error)
    {
        Assert.True(status == Status, $"{Status} instead of {status}: {Text}");
        Assert.Contains(error, Error, StringComparison.Ordinal);
        Assert.Equal(Header("X-Request-ID"), Json.GetProperty("code").GetString());
        Assert.Null(ActivationId);
        return this;
    }

    // What holds for everything the server says.
    private static void CheckAlways(Reply reply, HttpResponseMessage response)
    {
        Assert.NotEqual(408, reply.Status);
        Assert.Null(response.Headers.RetryAfter);
        Assert.NotNull(reply.Header("X-Request-ID"));
        if (reply.Status is >= 400 and < 500)
        {
            Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
            Assert.NotEmpty(reply.Error);
            Assert.NotEmpty(reply.Json.GetProperty("code").GetString()!);
        }
    }
}
