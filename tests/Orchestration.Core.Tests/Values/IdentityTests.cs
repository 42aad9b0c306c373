using System.Numerics;
using CsCheck;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;

namespace Orchestration.Core.Tests.Values;

public class IdentityTests
{
    [Fact]
    public void An_id_is_composed_as_an_ObjectId_is() => Assert.Equal(
        "65e5560f" + "89abcdef01" + "345678",
        ObjectIdText.Compose(DateTimeOffset.FromUnixTimeSeconds(0x65e5560f), 0xFFFFFF89abcdef01, 0x12345678));

    [Fact]
    public void Ids_of_one_process_differ_by_time_and_counter_and_order_by_time() => Gen.Select(Gen.UInt, Gen.UInt, Gen.ULong, Gen.UInt[0, 0xFFFFFF]).Sample(
        (a, b, random, counter) =>
        {
            var first = OrchestrationId.Parse(ObjectIdText.Compose(DateTimeOffset.FromUnixTimeSeconds(a), random, counter));
            var second = OrchestrationId.Parse(ObjectIdText.Compose(DateTimeOffset.FromUnixTimeSeconds(b), random, counter));
            Assert.Equal(a.CompareTo(b), Math.Sign(first.CompareTo(second)));
            Assert.Equal((a < b, a <= b), (first < second, first <= second));
            Assert.Equal((b < a, b <= a), (first > second, first >= second));
            Assert.Equal((uint)counter, Convert.ToUInt32(first.Value[18..], 16));
        });

    [Fact]
    public void Counting_on_from_an_id_adds_in_its_last_eight_bytes() => Gen.Select(Gen.ULong, Gen.Int[0, int.MaxValue], Gen.Int[0, 1000]).Sample(
        (tail, offset, more) =>
        {
            var id = ActionId.Parse($"65e5560f{tail:x16}");
            var expected = (BigInteger)tail + offset & ulong.MaxValue;
            Assert.Equal($"65e5560f{(ulong)expected:x16}", id.Plus(offset).Value);
            Assert.Equal(id.Plus(offset).Plus(more).Value, id.Plus(more).Plus(offset).Value);
            Assert.Equal(id, id.Plus(0));
        });

    [Theory]
    [InlineData("")]
    [InlineData("65e5560f000000000000000")]
    [InlineData("65e5560f00000000000000000")]
    [InlineData("65e5560f000000000000000g")]
    [InlineData("65e5560f00000000000000０1")]
    public void A_text_that_is_no_id_is_refused_with_what_one_looks_like(string text)
    {
        Assert.False(OrchestrationId.TryParse(text, out _));
        Assert.Equal(
            $"'{text}' is no orchestration id: it takes 24 hexadecimal digits, such as 6745a1b2c3d4e5f601234567.",
            Assert.Throws<FormatException>(() => OrchestrationId.Parse(text)).Message);
        Assert.StartsWith($"'{text}' is no action id", Assert.Throws<FormatException>(() => ActionId.Parse(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_are_lower_case_and_equal_by_their_digits()
    {
        Assert.True(OrchestrationId.TryParse("65E5560F00000000000000AB", out var id));
        Assert.Equal("65e5560f00000000000000ab", id.ToString());
        Assert.Equal(id, OrchestrationId.Parse("65e5560f00000000000000ab"));
        Assert.Equal("65e5560f00000000000000ab", ActionId.Parse("65E5560F00000000000000AB").ToString());
        Assert.Equal(new string('0', 24), default(OrchestrationId).Value);
        Assert.Equal(new string('0', 24), default(ActionId).Value);
        Assert.False(OrchestrationId.TryParse(null, out _));
    }

    [Theory]
    [InlineData("in/a", "in", "a")]
    [InlineData("in/a/b c/d", "in", "a/b c/d")]
    public void An_objects_name_is_its_bucket_and_its_key(string text, string bucket, string key)
    {
        var parsed = ObjectKey.Parse(text);
        Assert.Equal((bucket, key, text), (parsed.Bucket, parsed.Key, parsed.ToString()));
        Assert.Equal(parsed, ObjectKey.Of(bucket, key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("bucket")]
    [InlineData("bucket/")]
    [InlineData("/key")]
    public void A_text_that_names_no_object_is_refused(string text)
    {
        Assert.False(ObjectKey.TryParse(text, out _));
        Assert.Equal(
            $"'{text}' names no object: it takes bucket/key, such as input-video/clip.mp4.",
            Assert.Throws<FormatException>(() => ObjectKey.Parse(text)).Message);
    }

    [Fact]
    public void Objects_are_ordered_by_their_names()
    {
        var (a, b) = (ObjectKey.Parse("in/A"), ObjectKey.Parse("in/a"));
        Assert.True(a < b && a <= b && b > a && b >= a && a.CompareTo(a) == 0);
        Assert.Equal("", default(ObjectKey).Value);
        Assert.False(ObjectKey.TryParse(null, out _));
    }
}
