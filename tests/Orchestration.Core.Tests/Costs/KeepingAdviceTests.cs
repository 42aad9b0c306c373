using CsCheck;
using Orchestration.Core.Costs;
using Orchestration.Core.Objects;
using Orchestration.Core.Tests.Predictions;

namespace Orchestration.Core.Tests.Costs;

public class KeepingAdviceTests
{
    // A chain of three: a writes x, b makes y of it, c makes z of it; z is the result.
    private static readonly RunFigures Chain = Past.Run(
        1, 10, 12,
        [
            Past.Action(1, "a", 1, ["in/i"], Past.Object("mid/x", 11, 1000, 5)),
            Past.Action(2, "b", 2, ["mid/x"], Past.Object("mid/y", 6, 10, 5)),
            Past.Action(3, "c", 4, ["mid/y"], Past.Object("out/z", 1, 10, null)),
        ]);

    [Fact]
    public void What_is_cheaper_to_make_again_is_not_kept()
    {
        var advice = KeepingAdvice.Of(Chain, new PriceSheet(1, 0, 0.001));

        // x: 1000 bytes for 5 s cost 5, and a takes 1 s; y: 10 bytes for 5 s cost 0.05, and making it takes b and a, as x is gone by then.
        Assert.Equal(["mid/x", "mid/y"], advice.Select(a => a.Object.Value));
        Assert.Equal([(5.0, 1.0, true), (0.05, 3.0, false)], advice.Select(a => (a.Keep, a.Make, a.Evict)));
        Assert.Equal([Chain.Actions[0].Id, Chain.Actions[1].Id], advice[1].Reruns);
    }

    [Fact]
    public void What_is_kept_is_not_made_again_for_others()
    {
        var advice = KeepingAdvice.Of(Chain, new PriceSheet(10, 0, 0.001));

        Assert.All(advice, a => Assert.False(a.Evict));
        Assert.Equal([Chain.Actions[1].Id], advice[1].Reruns);
    }

    [Fact]
    public void A_time_to_keep_counts_for_all()
    {
        var advice = KeepingAdvice.Of(Chain, new PriceSheet(1, 0, 0.001), keepSeconds: 1e6);

        Assert.Equal([1e6 * 1000 * 0.001, 1e6 * 10 * 0.001], advice.Select(a => a.Keep));
        Assert.All(advice, a => Assert.True(a.Evict));
    }

    [Fact]
    public void Along_any_chain_each_object_is_weighed_once_with_what_is_gone_before_it() => Gen.Select(Gen.Double[0.1, 9], Gen.Int[1, 5000]).Array[1, 30].Sample(links =>
    {
        var actions = links.Select((link, i) => Past.Action(
            i + 1, $"a{i}", link.Item1, [i == 0 ? "in/i" : $"mid/{i - 1}"], Past.Object($"mid/{i}", links.Length - i, link.Item2, i == links.Length - 1 ? null : 3)));
        var advice = KeepingAdvice.Of(Past.Run(1, 10, 99, [.. actions]), new PriceSheet(1, 0, 0.001));
        var gone = 0;
        return advice.Length == links.Length - 1 && advice.Select((a, i) =>
        {
            var expected = gone + 1;
            gone = a.Evict ? gone + 1 : 0;
            return a.Object == ObjectKey.Parse($"mid/{i}") && a.Reruns.Length == expected && Math.Abs(a.Make - links[(i - expected + 1)..(i + 1)].Sum(l => l.Item1)) < 1e-9;
        }).All(holds => holds);
    });
}
