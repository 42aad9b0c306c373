using System.Text;
using System.Text.Json;
using Orchestration.Core.Actions;
using Orchestration.Core.Json;
using Orchestration.Core.Retries;

namespace Orchestration.Core.Tests.Values;

public class JsonTests
{
    [Theory]
    [InlineData("{}", JsonValueKind.Object)]
    [InlineData("[1]", JsonValueKind.Array)]
    [InlineData("\"a\"", JsonValueKind.String)]
    [InlineData("-1.50", JsonValueKind.Number)]
    [InlineData("true", JsonValueKind.True)]
    [InlineData("false", JsonValueKind.False)]
    [InlineData("null", JsonValueKind.Null)]
    public void A_value_knows_its_kind_and_keeps_its_text(string text, JsonValueKind kind)
    {
        var json = JsonBytes.Parse(text);
        Assert.Equal((kind, text, text.Length), (json.Kind, json.ToString(), json.Length));
        using var document = json.ToDocument();
        Assert.Equal(kind, document.RootElement.ValueKind);
    }

    [Fact]
    public void White_space_between_values_goes_and_numbers_stay_as_written() =>
        Assert.Equal("""{"a":[1.0,1e400],"é":"<ü>"}""", JsonBytes.Parse(""" { "a" : [ 1.0 , 1e400 ], "é":"<ü>" } """).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("1 2")]
    [InlineData("{'a':1}")]
    public void A_text_that_is_not_one_value_is_refused(string text) => Assert.ThrowsAny<JsonException>(() => JsonBytes.Parse(text));

    [Fact]
    public void Values_are_equal_by_their_bytes()
    {
        Assert.Equal(JsonBytes.Null, JsonBytes.Parse("null"));
        Assert.Equal(default(JsonBytes).GetHashCode(), JsonBytes.Parse("null").GetHashCode());
        Assert.True(JsonBytes.Parse("{ }") == JsonBytes.EmptyObject);
        Assert.True(JsonBytes.Parse("1.0") != JsonBytes.Parse("1"));
        Assert.True(JsonBytes.EmptyObject.Equals((object)JsonBytes.Parse("{}")));
        Assert.False(JsonBytes.EmptyObject.Equals("{}"));
        Assert.Equal("\"a\\\"b\"", JsonBytes.FromString("a\"b").ToString());
    }

    [Theory]
    [InlineData("\"plain\"", null, "plain")]
    [InlineData("""{"code":"NoSuchKey","message":"gone","meta":{"key":"a/b"}}""", "NoSuchKey", "gone")]
    [InlineData("""{"code":404,"message":["x"]}""", "404", "[\"x\"]")]
    [InlineData("""{"code":null,"message":null,"meta":null}""", null, """{"code":null,"message":null,"meta":null}""")]
    [InlineData("""{"reason":"x"}""", null, """{"reason":"x"}""")]
    [InlineData("[1,2]", null, "[1,2]")]
    [InlineData("null", null, "null")]
    public void An_actions_error_is_read_whatever_it_is(string error, string? code, string message)
    {
        var failure = Failure.FromActionError(JsonBytes.Parse(error));
        Assert.Equal((code, message, error), (failure.Code, failure.Message, failure.ToJson().ToString()));
    }

    [Theory]
    [InlineData("\"\\ud800\"")]
    [InlineData("{\"code\":\"\\udc00\",\"message\":\"x\\ud83d\"}")]
    public void Half_a_character_in_an_actions_error_is_kept_and_read_as_its_text(string error)
    {
        var failure = Failure.FromActionError(JsonBytes.FromTrusted(Encoding.UTF8.GetBytes(error)));
        Assert.Equal(error, failure.ToJson().ToString());
        Assert.Contains("\\ud8", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_character_in_parameters_and_results_is_kept()
    {
        const string text = "{\"a\":\"\\ud800\",\"\\udc00\":1}";
        Assert.Equal(text, JsonBytes.Parse(text).ToString());
        Assert.Null(ReservedMembers.Problem(JsonBytes.FromTrusted(Encoding.UTF8.GetBytes(text))));
    }

    [Fact]
    public void A_failure_that_no_action_reported_has_the_contracts_shape() =>
        Assert.Equal("""{"code":null,"message":"é","meta":null}""", new Failure(null, "é").ToJson().ToString());
}
