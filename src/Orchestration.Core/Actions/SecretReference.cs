namespace Orchestration.Core.Actions;

/// <summary>A place in an action's parameters where the value of a secret belongs. At <see cref="Offset"/>, the text there holds <see cref="Placeholder"/>.</summary>
/// <param name="Pointer">Where the text is, as a JSON pointer (RFC 6901), such as <c>/headers/authorization</c>.</param>
/// <param name="Offset">Where in the text the placeholder begins, in UTF-16 code units.</param>
/// <param name="Name">The secret's name: a letter or <c>_</c>, then letters, digits and <c>_</c>.</param>
public readonly record struct SecretReference(string Pointer, int Offset, string Name)
{
    /// <summary>What stands in for the value wherever the parameters are stored or shown.</summary>
    public string Placeholder => PlaceholderOf(Name);

    /// <summary>What stands in for a secret's value.</summary>
    /// <param name="name">The secret's name.</param>
    /// <returns>The reference as a workflow file has it.</returns>
    public static string PlaceholderOf(string name) => $"${{{{ secrets.{name} }}}}";
}
