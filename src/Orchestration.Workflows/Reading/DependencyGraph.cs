namespace Orchestration.Workflows.Reading;

/// <summary>Which step waits for which, with the place where it says so.</summary>
internal sealed class DependencyGraph(IReadOnlyList<string> steps, IReadOnlyDictionary<string, IReadOnlyDictionary<string, Place>> dependencies)
{
    /// <summary>Finds steps that wait for themselves; one cycle for each group of steps that are caught in it.</summary>
    /// <returns>The cycle, its first step again at the end, and the place of the dependency that closes it.</returns>
    public IEnumerable<(IReadOnlyList<string> Cycle, Place Place)> Cycles()
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var start in steps)
        {
            var path = new List<string>();
            var next = new Stack<IEnumerator<string>>();
            // A loop instead of recursion: a file may hold a chain of thousands of steps.
            Enter(start);
            while (next.TryPeek(out var edges))
            {
                if (!edges.MoveNext())
                {
                    next.Pop();
                    done.Add(path[^1]);
                    path.RemoveAt(path.Count - 1);
                    continue;
                }

                var from = path.IndexOf(edges.Current);
                if (from < 0)
                {
                    Enter(edges.Current);
                    continue;
                }

                yield return ([.. path[from..], edges.Current], dependencies[path[^1]][edges.Current]);
                break;
            }

            done.UnionWith(path);

            void Enter(string step)
            {
                if (done.Contains(step))
                    return;
                path.Add(step);
                next.Push(dependencies[step].Keys.GetEnumerator());
            }
        }
    }
}
