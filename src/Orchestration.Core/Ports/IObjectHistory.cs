using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Recovery;

namespace Orchestration.Core.Ports;

/// <summary>Who wrote an object, across all orchestrations; a catalog that can tell is asked when an orchestration itself does not know.</summary>
public interface IObjectHistory
{
    /// <summary>Finds the latest successful writer of each object.</summary>
    /// <param name="keys">The objects.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Writers by object; an object that nobody wrote is left out.</returns>
    Task<IReadOnlyDictionary<ObjectKey, ObjectWriter>> FindWritersAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellation);
}

/// <summary>Who wrote an object.</summary>
/// <param name="Orchestration">The orchestration whose facts tell of it.</param>
/// <param name="Action">The action, where no journal tells of it; null: the orchestration's journal does.</param>
public sealed record ObjectWriter(OrchestrationId Orchestration, LineageAction? Action);
