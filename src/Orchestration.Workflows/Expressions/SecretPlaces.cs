using System.Collections.Immutable;
using Orchestration.Core.Actions;

namespace Orchestration.Workflows.Expressions;

/// <summary>Notes where secrets belong while a value is written.</summary>
internal sealed class SecretPlaces
{
    private readonly Stack<string> _pointers = new([""]);
    private readonly List<SecretReference> _found = [];

    /// <summary>A member or an item is being written.</summary>
    /// <param name="name">Its name or place.</param>
    /// <param name="matters">Whether secrets are in it; without any, its place is of no interest.</param>
    public void Enter(string name, bool matters)
    {
        if (matters)
            _pointers.Push(SecretText.PointerTo(_pointers.Peek(), name));
    }

    /// <summary>It has been written.</summary>
    public void Leave(bool matters)
    {
        if (matters)
            _pointers.Pop();
    }

    /// <summary>A secret belongs here.</summary>
    /// <param name="offset">Where in the text.</param>
    /// <param name="name">Which one.</param>
    /// <returns>What to write in its place.</returns>
    public string Add(int offset, string name)
    {
        _found.Add(new SecretReference(_pointers.Peek(), offset, name));
        return _found[^1].Placeholder;
    }

    /// <summary>What was found since this was last asked.</summary>
    public ImmutableArray<SecretReference> Take()
    {
        if (_found.Count == 0)
            return [];
        ImmutableArray<SecretReference> found = [.. _found];
        _found.Clear();
        return found;
    }
}
