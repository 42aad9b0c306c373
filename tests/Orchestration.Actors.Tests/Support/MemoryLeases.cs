using Orchestration.Core.Identity;
using Orchestration.Core.Ports;
using Orchestration.Core.State;

namespace Orchestration.Actors.Tests.Support;

/// <summary>Leases in memory by a clock that tests move; each <see cref="Of"/> is one process's view.</summary>
internal sealed class MemoryLeases(Func<DateTimeOffset> clock)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<OrchestrationId, (LeaseHolder? Holder, DateTimeOffset Renewed, IndexEntry Entry)> _leases = [];

    public static TimeSpan Duration => TimeSpan.FromSeconds(30);

    /// <summary>Whether calls fail.</summary>
    public bool Down { get; set; }

    public ILeaseStore Of(string host) => new View(this, new LeaseHolder(host, host, 1, DateTimeOffset.UnixEpoch, ""));

    private sealed class View(MemoryLeases all, LeaseHolder self) : ILeaseStore
    {
        public TimeSpan Duration => MemoryLeases.Duration;

        public Task<Lease> AcquireAsync(OrchestrationId id, bool takeOver, CancellationToken cancellation) => Call(() =>
        {
            if (!takeOver && Read(id) is { IsLive: true, IsOurs: false } other)
                return other;
            all._leases[id] = (self, all.Now, new IndexEntry(null, null));
            return Read(id)!;
        });

        public Task<IReadOnlySet<OrchestrationId>> RenewAsync(CancellationToken cancellation) => Call<IReadOnlySet<OrchestrationId>>(() =>
        {
            var ours = all._leases.Where(l => l.Value.Holder == self).Select(l => l.Key).ToHashSet();
            foreach (var id in ours)
                all._leases[id] = all._leases[id] with { Renewed = all.Now };
            return ours;
        });

        public Task NoteAsync(OrchestrationId id, IndexEntry entry, CancellationToken cancellation) =>
            Change(id, () => all._leases[id] = all._leases[id] with { Entry = entry, Holder = entry.Quarantine is null ? self : null });

        public Task RemoveAsync(OrchestrationId id, CancellationToken cancellation) => Change(id, () => all._leases.Remove(id));

        public Task ReleaseAsync(OrchestrationId? id, CancellationToken cancellation) => Call(() =>
        {
            foreach (var one in all._leases.Where(l => l.Value.Holder == self && (id ?? l.Key) == l.Key).Select(l => l.Key).ToList())
                all._leases[one] = all._leases[one] with { Holder = null };
            return true;
        });

        public Task<Lease?> FindAsync(OrchestrationId id, CancellationToken cancellation) => Call(() => Read(id));

        public Task<IReadOnlyList<Lease>> ListAsync(CancellationToken cancellation) => Call<IReadOnlyList<Lease>>(() => [.. all._leases.Keys.Select(id => Read(id)!)]);

        private Task<bool> Change(OrchestrationId id, Action change) => Call(() =>
        {
            if (Read(id) is { IsOurs: true })
                change();
            return true;
        });

        private Lease? Read(OrchestrationId id)
        {
            if (!all._leases.TryGetValue(id, out var found))
                return null;
            var until = found.Renewed + Duration;
            return new Lease(id, found.Holder, until, found.Holder is not null && until > all.Now, found.Holder == self, found.Entry);
        }

        private Task<T> Call<T>(Func<T> call)
        {
            lock (all._gate)
                return all.Down ? Task.FromException<T>(new IOException("the lease store is down")) : Task.FromResult(call());
        }
    }

    private DateTimeOffset Now => clock();
}
