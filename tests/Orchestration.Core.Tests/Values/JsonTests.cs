using System.Text;
using System.Text.Json;
using Orchestration.Core.Actions;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
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
    public void A_value_written_while_another_is_being_written_mixes_with_nothing()
    {
        var outer = JsonBytes.Write(writer =>
        {
            writer.WriteStartArray();
            for (var i = 0; i < 3; i++)
            {
                writer.WriteNumberValue(i);
                var inner = JsonBytes.Write(w => w.WriteStringValue(new string('x', 5000 * i)));
                Assert.Equal(5000 * i + 2, inner.Length);
                writer.WriteRawValue(inner.Utf8.Span);
            }

            writer.WriteEndArray();
        });
        Assert.Equal($"[0,\"\",1,\"{new string('x', 5000)}\",2,\"{new string('x', 10000)}\"]", outer.ToString());
    }

    [Fact]
    public void A_value_that_could_not_be_written_leaves_nothing_behind()
    {
        Assert.Throws<TimeZoneNotFoundException>(() => JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("a", new string('x', 600_000));
            throw new TimeZoneNotFoundException();
        }));
        Assert.Equal("[1]", JsonBytes.Write(writer =>
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(1);
            writer.WriteEndArray();
        }).ToString());
    }

    // Stored with every batch, and compared with what a client sends again: no version may compute another one.
    [Fact]
    public void The_hash_of_a_batch_stays_the_same_in_all_versions()
    {
        var actions = Enumerable.Range(0, 2000).Select(i => new ActionSpec($"count-{i % 7}", JsonBytes.Parse($$"""{"n":{{i}},"text":"é<ü>"}""")) { Reads = [ObjectKey.Parse($"in/{i}")] });
        Assert.Equal("f5000bba49c6dd4e1e978be81afe6cd030a28378c1d8aa354efc9a084216debf", BatchHash.Of(new BatchSpec("a", [.. actions], BatchOptions.Default)));
    }

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
