namespace Orchestration.Workflows.Reading;

/// <summary>Finds what a person most likely meant to type.</summary>
public static class NearestName
{
    /// <summary><c>; did you mean 'x'?</c> with the nearest of the names, or a full stop when none is near.</summary>
    /// <param name="written">What stands there.</param>
    /// <param name="names">What could stand there.</param>
    /// <returns>The end of a sentence.</returns>
    public static string SuggestOrStop(string written, IEnumerable<string> names)
    {
        var nearest = names.Select(name => (Name: name, Distance: Distance(written, name))).OrderBy(n => n.Distance).FirstOrDefault();
        var shorter = Math.Min(written.Length, nearest.Name?.Length ?? 0);
        return nearest.Name is not null && nearest.Distance <= Math.Max(shorter < 2 ? 0 : 1, shorter / 3)
            ? $"; did you mean '{nearest.Name}'?"
            : ".";
    }

    /// <summary>The names as a list for people.</summary>
    /// <param name="names">The names.</param>
    /// <param name="none">What to say when there are none.</param>
    /// <returns>The names, with commas between them.</returns>
    public static string List(IEnumerable<string> names, string none)
    {
        var all = names.ToList();
        return all.Count == 0 ? none : string.Join(", ", all);
    }

    /// <summary>Optimal string alignment distance (insert, delete, replace, swap neighbours), without regard to case.</summary>
    private static int Distance(string left, string right)
    {
        // Longer names are not typing mistakes of one another and would make this quadratic work costly.
        const int Longest = 100;
        if (left.Length > Longest || right.Length > Longest)
            return int.MaxValue;
        var d = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
            d[i, 0] = i;
        for (var j = 0; j <= right.Length; j++)
            d[0, j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            for (var j = 1; j <= right.Length; j++)
            {
                var cost = Same(left[i - 1], right[j - 1]) ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1]))
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }

        return d[left.Length, right.Length];
    }

    private static bool Same(char a, char b) => char.ToUpperInvariant(a) == char.ToUpperInvariant(b);
}
