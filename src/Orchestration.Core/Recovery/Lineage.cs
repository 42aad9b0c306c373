using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Objects;

namespace Orchestration.Core.Recovery;

/// <summary>
/// Which action of one orchestration wrote and read which object, gathered from its facts. It keeps the parameters of every action, so it is
/// made when an object is lost and not before. Owned by one caller; not for concurrent use.
/// </summary>
public sealed class Lineage
{
    private readonly List<Batch> _batches = [];
    private readonly Dictionary<ObjectKey, Place> _producers = [];
    private readonly Dictionary<ObjectKey, List<Place>> _writers = [];
    private readonly Dictionary<ObjectKey, SortedSet<Place>> _readers = [];

    /// <summary>Takes in the next commit.</summary>
    /// <param name="commit">The commit, each once and in the journal's order.</param>
    public void Add(Commit commit)
    {
        ArgumentNullException.ThrowIfNull(commit);
        foreach (var fact in commit.Facts)
            Add(fact);
    }

    /// <summary>The action that wrote an object last.</summary>
    /// <param name="key">Which object.</param>
    /// <returns>The action; null when none of this orchestration did.</returns>
    public LineageAction? Producer(ObjectKey key) => _producers.TryGetValue(key, out var place) ? ActionAt(place) : null;

    /// <summary>All actions that wrote an object.</summary>
    /// <param name="key">Which object.</param>
    /// <returns>Each action once, in the order in which they first succeeded.</returns>
    public IEnumerable<LineageAction> Writers(ObjectKey key) =>
        _writers.TryGetValue(key, out var places) ? places.Select(ActionAt).DistinctBy(a => a.Id) : Producer(key) is { } only ? [only] : [];

    /// <summary>An action by its place.</summary>
    /// <param name="place">Where it stands.</param>
    /// <returns>The action; null when this orchestration has none there.</returns>
    public LineageAction? Find(Place place) => place.Batch < _batches.Count && place.Index < _batches[place.Batch].Actions.Count ? ActionAt(place) : null;

    /// <summary>The actions that read an object and succeeded.</summary>
    /// <param name="key">Which object.</param>
    /// <returns>Each action once, in the order of their batches.</returns>
    public IEnumerable<LineageAction> Readers(ObjectKey key) =>
        _readers.TryGetValue(key, out var places) ? places.Select(ActionAt).DistinctBy(a => a.Id) : [];

    /// <summary>Every object that was written.</summary>
    public IReadOnlyCollection<ObjectKey> Written => _producers.Keys;

    /// <summary>An action as people know it: its name, with its place where its batch has several.</summary>
    /// <param name="place">Which action.</param>
    /// <returns>Such as <c>transcoder[3]</c>.</returns>
    public string LabelOf(Place place) => ActionAt(place).Label;

    private void Add(Fact fact)
    {
        switch (fact)
        {
            case ActionsAdded f:
                for (var i = 0; i < f.Actions.Length; i++)
                    At(f.Batch).Actions.Add(new Entry(f.IdOf(i), f.Actions[i]));
                break;
            case BatchSealed f:
                At(f.Batch).Options = f.Options;
                break;
            case AttemptSucceeded f:
                Add(new Place(f.Batch, f.Index), f.Objects);
                break;
        }
    }

    private void Add(Place place, ObjectReport objects)
    {
        var batch = At(place.Batch);
        var entry = batch.Actions[place.Index];
        var written = objects.Writes.Select(w => w.Object).ToHashSet();
        ImmutableArray<ObjectKey> inputs = [.. objects.Reads.Select(r => r.Object).Concat(entry.Spec.Reads).Where(k => !written.Contains(k)).Distinct()];
        (entry.Inputs, entry.Known) = (inputs, null);
        foreach (var key in written)
        {
            // Most objects have one writer, and need no list.
            if (_writers.TryGetValue(key, out var writers))
                writers.Add(place);
            else if (_producers.TryGetValue(key, out var first) && first != place)
                _writers.Add(key, [first, place]);
            _producers[key] = place;
        }

        foreach (var key in inputs)
        {
            if (!_readers.TryGetValue(key, out var readers))
                _readers.Add(key, readers = []);
            readers.Add(place);
        }
    }

    private LineageAction ActionAt(Place place)
    {
        var batch = _batches[place.Batch];
        var entry = batch.Actions[place.Index];
        return entry.Known ??= new LineageAction(
            entry.Id,
            entry.Spec with { Reads = entry.Inputs, Retry = entry.Spec.Retry ?? batch.Options.Retry, Job = null },
            entry.Inputs,
            batch.Actions.Count > 1 ? $"{entry.Spec.Name}[{place.Index}]" : entry.Spec.Name)
        {
            HasSharedBatch = batch.Options.Writers == Actions.Writers.Shared,
        };
    }

    private Batch At(int number)
    {
        while (_batches.Count <= number)
            _batches.Add(new Batch());
        return _batches[number];
    }

    private sealed class Batch
    {
        public BatchOptions Options { get; set; } = BatchOptions.Default;

        public List<Entry> Actions { get; } = [];
    }

    private sealed class Entry(Identity.ActionId id, ActionSpec spec)
    {
        public Identity.ActionId Id { get; } = id;

        public ActionSpec Spec { get; } = spec;

        public ImmutableArray<ObjectKey> Inputs { get; set; } = [];

        /// <summary>As it was told last; null when it must be made anew.</summary>
        public LineageAction? Known { get; set; }
    }
}
