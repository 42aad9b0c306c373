using CsCheck;
using Orchestration.Core.Actions;
using Orchestration.Core.Json;

namespace Orchestration.Core.Tests.Values;

public class SecretTextTests
{
    private static readonly Dictionary<string, string> Values = new() { ["KEY"] = "s3cr\"et", ["B"] = "bee" };

    [Fact]
    public void Values_take_the_place_of_their_references()
    {
        var parameters = JsonBytes.Parse("""{"auth":"Bearer ${{ secrets.KEY }}!","n":1.0,"list":[{"a/b~":"${{ secrets.B }}${{ secrets.KEY }}"}],"text":"${{ secrets.KEY }}"}""");
        var resolved = SecretText.Resolve(
            parameters,
            [new("/auth", 7, "KEY"), new("/list/0/a~1b~0", 0, "B"), new("/list/0/a~1b~0", "${{ secrets.B }}".Length, "KEY")],
            Values.GetValueOrDefault,
            out var missing);

        Assert.Null(missing);
        // What only looks like a reference is the text of somebody else, and stays.
        Assert.Equal("""{"auth":"Bearer s3cr\"et!","n":1.0,"list":[{"a/b~":"bees3cr\"et"}],"text":"${{ secrets.KEY }}"}""", resolved.ToString());
    }

    [Fact]
    public void A_missing_value_is_named_and_nothing_is_put_in()
    {
        var parameters = JsonBytes.Parse("""{"a":"${{ secrets.KEY }}","b":"${{ secrets.NO }}"}""");
        var resolved = SecretText.Resolve(parameters, [new("/a", 0, "KEY"), new("/b", 0, "NO")], Values.GetValueOrDefault, out var missing);

        Assert.Equal(("NO", parameters), (missing, resolved));
    }

    [Fact]
    public void Values_are_masked_wherever_they_stand_in_a_json_value()
    {
        var json = JsonBytes.Parse("""{"s3cr\"et":["x s3cr\u0022et y",{"b":"bee"}],"n":12345,"ok":true}""");

        Assert.Equal("""{"***":["x *** y",{"b":"***"}],"n":"***","ok":true}""", SecretText.Masked(json, ["bee", "s3cr\"et", "12345"]).ToString());
    }

    [Fact]
    public void The_longer_value_goes_first() => Assert.Equal("*** ***", SecretText.Masked("abcd ab", ["ab", "abcd"]));

    [Fact]
    public void What_holds_no_value_keeps_its_bytes()
    {
        var json = JsonBytes.FromTrusted("""{ "a" : 1.50, "b":"\ud800" }"""u8.ToArray());

        Assert.Equal(json.Utf8, SecretText.Masked(json, ["zzz"]).Utf8);
        Assert.Equal(json.Utf8, SecretText.Masked(json, []).Utf8);
    }

    [Fact]
    public void A_value_that_is_put_in_is_taken_out_again() => Gen.Select(Gen.String[Gen.Char['A', 'z'], 4, 20], Gen.String[Gen.Char[' ', '9'], 0, 10]).Sample((value, around) =>
    {
        var stored = JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("p", around + SecretReference.PlaceholderOf("X") + around);
            writer.WriteEndObject();
        });
        var sent = SecretText.Resolve(stored, [new SecretReference("/p", around.Length, "X")], _ => value, out _);
        using var document = sent.ToDocument();
        Assert.Equal(around + value + around, document.RootElement.GetProperty("p").GetString());
        using var masked = SecretText.Masked(sent, [value]).ToDocument();
        Assert.Equal(around + SecretText.Mask + around, masked.RootElement.GetProperty("p").GetString());
    });
}
