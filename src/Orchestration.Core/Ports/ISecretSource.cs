namespace Orchestration.Core.Ports;

/// <summary>Knows the values of secrets. They are asked for at the moment of a POST and never stored. Safe for many threads.</summary>
public interface ISecretSource
{
    /// <summary>Finds a value.</summary>
    /// <param name="name">The secret's name.</param>
    /// <returns>The value, not empty; null when there is none.</returns>
    string? Find(string name);

    /// <summary>Says where values are looked for.</summary>
    /// <param name="name">The secret's name.</param>
    /// <returns>Places in their order, for people, to stand behind "looked for in".</returns>
    string DescribePlaces(string name);
}
