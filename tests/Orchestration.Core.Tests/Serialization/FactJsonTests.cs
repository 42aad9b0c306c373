using System.Text;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Serialization;
using Orchestration.Core.State;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Serialization;

public class FactJsonTests
{
    [Fact]
    public void A_newer_format_is_refused_with_a_remedy() => Assert.Equal(
        "The stored facts have format 2, this version reads up to 1; upgrade to read them.",
        Refused("""{"v":2,"facts":[]}"""));

    [Fact]
    public void A_fact_of_an_unknown_kind_is_refused() => Assert.Equal(
        "'objectRecreated' is no fact known to this version; the data was written by a newer one.",
        Refused("""{"v":1,"facts":[{"t":"objectRecreated","time":"2026-03-04T05:06:07Z"}]}"""));

    [Fact]
    public void An_outcome_of_an_unknown_kind_is_refused() => Assert.Equal(
        "'evicted' is no attempt outcome known to this version; the data was written by a newer one.",
        Refused("""{"v":1,"facts":[{"t":"lateOutcome","time":"2026-03-04T05:06:07Z","batch":0,"index":0,"attempt":1,"outcome":"evicted"}]}"""));

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"v":"1","facts":[]}""")]
    [InlineData("""{"v":1,"facts":[{"t":"batchEnded","time":"2026-03-04T05:06:07Z"}]}""")]
    [InlineData("""{"v":1,"facts":[{"t":"batchEnded","time":"yesterday","batch":0}]}""")]
    [InlineData("""{"v":1,"facts":[{"t":"batchEnded","time":"2026-03-04T05:06:07Z","batch":12345678901}]}""")]
    [InlineData("""{"v":1,"facts":[{"t":"attemptStarted","time":"2026-03-04T05:06:07Z","batch":0,"index":0,"attempt":1,"actionId":"65e5560f00000000000000a0","queued":"99999999.00:00:00"}]}""")]
    [InlineData("""{"v":1,"facts":[{"t":"attemptStarted","time":"2026-03-04T05:06:07Z","batch":0,"index":0,"attempt":1,"actionId":"no id"}]}""")]
    public void Damaged_facts_are_refused(string text) => Refused(text);

    [Fact]
    public void Text_of_every_kind_comes_back()
    {
        var text = string.Concat("\"\\\n\t\0", "é<>&'+", char.ConvertFromUtf32(0x1F600), "\u2028");
        var commit = new Commit([new OrchestrationCancelled(Given.At(0.0000001), text), new OrchestrationCompleted(Given.T0, JsonBytes.FromString(text))]);
        Assert.Equal(commit, FactJson.Read(FactJson.Write(commit)));
    }

    [Fact]
    public void Results_keep_the_very_bytes_an_action_wrote()
    {
        var result = JsonBytes.FromTrusted(Encoding.UTF8.GetBytes("{\"a\": 1.50,\n \"b\":\"\\u00e9\\ud800\"}"));
        var commit = new Commit([new AttemptSucceeded(Given.T0, 0, 0, 1, null, null, result, ObjectReport.None)]);
        Assert.Equal(commit, FactJson.Read(FactJson.Write(commit)));
    }

    [Fact]
    public void A_fact_that_has_no_stored_form_is_a_bug()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => FactJson.Write(new Commit([new Unheard(Given.T0)])));
        Assert.Throws<ArgumentOutOfRangeException>(() => StateFold.Apply(OrchestrationState.Empty, new Unheard(Given.T0), 1));
    }

    private static string Refused(string text) => Assert.Throws<FormatException>(() => FactJson.Read(Encoding.UTF8.GetBytes(text))).Message;

    private sealed record Unheard(DateTimeOffset Time) : Fact(Time);
}
