using Orchestration.LocalWhisk.Http;

namespace Orchestration.LocalWhisk.Actions;

/// <summary>Judges the components of a sequence that is to be stored.</summary>
internal sealed class SequenceCheck(string ns, ActionResolver actions)
{
    /// <summary>The most actions that a sequence may come to, those of sequences within it included: OpenWhisk's default.</summary>
    public const int MaxLength = 50;

    /// <summary>Reads the components.</summary>
    /// <param name="name">The sequence's own name.</param>
    /// <param name="components">The components as the caller named them.</param>
    /// <returns>Their names.</returns>
    /// <exception cref="ApiException">There are none or too many, one is not there, or one leads back to the sequence.</exception>
    public IReadOnlyList<ActionName> Check(ActionName name, IReadOnlyList<string> components)
    {
        if (components.Count == 0)
            throw new ApiException(400, "No component specified for the sequence.");
        if (components.Count > MaxLength)
            throw TooLong();
        ActionName[] names = [.. components.Select(c => ActionName.Resolve(c, ns) ?? throw Missing())];
        return CountActions(name, names) > MaxLength ? throw TooLong() : names;
    }

    private int CountActions(ActionName outermost, IEnumerable<ActionName> components)
    {
        var count = 0;
        foreach (var component in components)
        {
            if (component == outermost)
                throw new ApiException(400, "Sequence may not refer to itself.");
            var action = (actions.Find(component) ?? throw Missing()).Action;
            count += action.IsSequence ? CountActions(outermost, action.Exec.Components) : 1;
            if (count > MaxLength)
                break;
        }
        return count;
    }

    private static ApiException Missing() => new(400, "Sequence component does not exist.");

    private static ApiException TooLong() => new(400, "Too many actions in the sequence.");
}
