namespace Orchestration.Core.Ports;

/// <summary>Small texts that a service keeps beside its runs, by kind and name; what has been put is durable. Safe for many threads.</summary>
public interface IServiceDocuments
{
    /// <summary>Reads a text.</summary>
    /// <param name="kind">Its kind: letters and hyphens.</param>
    /// <param name="name">Its name: letters, digits and <c>- _ .</c>, with a letter or digit first.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The text; null when there is none.</returns>
    Task<string?> FindAsync(string kind, string name, CancellationToken cancellation);

    /// <summary>Lists the names of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The names, in ordinal order.</returns>
    Task<IReadOnlyList<string>> ListAsync(string kind, CancellationToken cancellation);

    /// <summary>Keeps a text in place of the one that is there.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="name">Its name.</param>
    /// <param name="text">The text.</param>
    /// <param name="cancellation">Gives up; it may have been kept.</param>
    /// <returns>A task that ends when it is stored.</returns>
    Task PutAsync(string kind, string name, string text, CancellationToken cancellation);

    /// <summary>Keeps a text unless there is one. Of several that do so at once one is first.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="name">Its name.</param>
    /// <param name="text">The text.</param>
    /// <param name="cancellation">Gives up; it may have been kept.</param>
    /// <returns>The text that is there now.</returns>
    Task<string> AddOrFindAsync(string kind, string name, string text, CancellationToken cancellation);

    /// <summary>Removes a text.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellation">Gives up; it may have been removed.</param>
    /// <returns>Whether there was one.</returns>
    Task<bool> RemoveAsync(string kind, string name, CancellationToken cancellation);
}
