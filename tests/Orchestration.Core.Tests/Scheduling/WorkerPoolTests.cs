using CsCheck;
using Orchestration.Core.Scheduling;

namespace Orchestration.Core.Tests.Scheduling;

public class WorkerPoolTests
{
    [Fact]
    public void A_pool_does_what_two_lists_would() => Gen.Select(Gen.Int[1, 5], Gen.Select(Gen.Int[0, 5], Gen.Int[0, 9]).Array[0, 100]).Sample(
        (size, steps) =>
        {
            var pool = new WorkerPool<int, string>(size);
            var (busy, free) = (new Dictionary<int, string>(), new List<int>());
            var (made, works) = (0, 0);
            foreach (var (op, pick) in steps)
            {
                switch (op)
                {
                    case 0 or 1 when pool.Places > 0 || pick == 0:
                        var work = $"w{works++}";
                        var worker = pool.Assign(work, () => made++);
                        Assert.Equal(free.Count > 0, free.Remove(worker));
                        busy.Add(worker, work);
                        break;
                    case 2 or 3 when busy.Count > 0:
                        var done = busy.ElementAt(pick % busy.Count);
                        Assert.False(pool.Finish(done.Key, "other work"));
                        Assert.True(pool.Finish(done.Key, done.Value));
                        Assert.False(pool.Finish(done.Key, done.Value));
                        busy.Remove(done.Key);
                        free.Add(done.Key);
                        break;
                    case 4 when busy.Count > 0:
                        var gone = busy.ElementAt(pick % busy.Count);
                        Assert.True(pool.Remove(gone.Key, out var lost));
                        Assert.Equal(gone.Value, lost);
                        busy.Remove(gone.Key);
                        break;
                    case 5 when free.Count > 0:
                        Assert.False(pool.Remove(free[pick % free.Count], out _));
                        free.RemoveAt(pick % free.Count);
                        break;
                }

                Assert.Equal((busy.Count, busy.Count + free.Count), (pool.Busy, pool.Workers));
                Assert.Equal(Math.Max(0, size - busy.Count), pool.Places);
            }
        },
        iter: 1000);

    [Fact]
    public void Workers_are_reused_before_new_ones_are_made()
    {
        var pool = new WorkerPool<string, int>(3);
        Assert.Equal("a", pool.Assign(1, () => "a"));
        Assert.True(pool.Finish("a", 1));
        Assert.Equal("a", pool.Assign(2, () => "b"));
        Assert.Equal((1, 2), (pool.Workers, pool.Places));
    }

    [Fact]
    public void One_that_is_not_known_is_removed_without_a_trace()
    {
        var pool = new WorkerPool<string, string>(1);
        Assert.False(pool.Remove("x", out var work));
        Assert.Null(work);
        Assert.False(pool.Finish("x", "w"));
    }

    [Fact]
    public void A_pool_has_at_least_one_place() => Assert.Throws<ArgumentOutOfRangeException>(() => new WorkerPool<int, int>(0));
}
