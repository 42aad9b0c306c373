using Orchestration.Core.Identity;

namespace Orchestration.Host.Stored;

/// <summary>What is stored of a run cannot be read, or is not all there.</summary>
/// <param name="id">The run.</param>
/// <param name="damage">What is wrong with it.</param>
/// <param name="storage">What its storage is called.</param>
/// <param name="inner">What was found out by.</param>
internal sealed class DamagedRunException(OrchestrationId id, string damage, string storage, Exception? inner = null)
    : Exception($"What is stored of the run {id} in {storage} is damaged: {damage} Restore it from a backup, or remove it with 'runs prune --include-damaged'; docs/operating.md tells how.", inner)
{
    /// <summary>What a damaged run's status is called.</summary>
    public const string Status = "damaged";

    /// <summary>What is wrong with it.</summary>
    public string Damage => damage;
}
