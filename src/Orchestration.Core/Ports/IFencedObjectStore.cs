using Orchestration.Core.Objects;

namespace Orchestration.Core.Ports;

/// <summary>An object store that refuses writers whose grant to write a shared object is over.</summary>
public interface IFencedObjectStore : IObjectStore
{
    /// <summary>The code of the refusal.</summary>
    const string Stale = "FencingTokenStale";

    /// <summary>Writes an object whole, with the number of the grant under which it is written.</summary>
    /// <param name="key">Which object.</param>
    /// <param name="content">What to write, as in <see cref="IObjectStore.PutAsync"/>.</param>
    /// <param name="fencing">The grant's number.</param>
    /// <param name="cancellation">Gives up; the object is then unchanged.</param>
    /// <returns>What was written.</returns>
    /// <exception cref="ObjectStoreException"><see cref="Stale"/>: the object was written under a higher number; it is unchanged.</exception>
    Task<ObjectInfo> PutAsync(ObjectKey key, Stream content, long fencing, CancellationToken cancellation);

    /// <summary>The refusal.</summary>
    /// <param name="key">Which object.</param>
    /// <param name="fencing">The writer's number.</param>
    /// <param name="latest">The object's number.</param>
    /// <returns>What to throw.</returns>
    static ObjectStoreException Refusal(ObjectKey key, long fencing, long latest) =>
        new(Stale, $"'{key}' was written under the grant {latest}, this writer's is {fencing}: its time to write is over.");
}
