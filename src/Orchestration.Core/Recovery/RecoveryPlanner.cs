using System.Collections.Frozen;
using System.Collections.Immutable;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;

namespace Orchestration.Core.Recovery;

/// <summary>
/// Finds the least work that makes lost objects again: the closure of missing ancestors. It does no I/O: it asks its caller (<see cref="Next"/>)
/// which objects are there and who wrote them, many at once, and each round looks further ahead, so that a chain of n lost ancestors takes
/// about log n rounds and few questions in vain. Owned by one caller; not for concurrent use.
/// </summary>
/// <param name="targets">The objects that are wanted.</param>
/// <param name="own">The latest producer that this orchestration knows; null when it knows none. It counts until <see cref="Tell(ObjectKey, LineageAction?)"/> says who wrote last of all.</param>
/// <param name="depth">How many producers may stand one behind the other.</param>
/// <param name="seesStore">Whether the caller can tell which objects are there. If not, the targets count as lost and everything else as there:
/// a producer whose own inputs are lost then fails, and is planned for in its turn.</param>
public sealed class RecoveryPlanner(IReadOnlyCollection<ObjectKey> targets, Func<ObjectKey, LineageAction?> own, int depth, bool seesStore)
{
    private const int Growth = 4;

    private readonly Dictionary<ObjectKey, bool> _there = [];
    private readonly Dictionary<ObjectKey, LineageAction?> _latest = [];
    private int _ahead = 1;

    /// <summary>What the planner must know to go on.</summary>
    /// <param name="Presence">Objects of which it must know whether they are there.</param>
    /// <param name="Producers">Objects of which it must know who wrote them last, in any orchestration.</param>
    public sealed record Question(IReadOnlyList<ObjectKey> Presence, IReadOnlyList<ObjectKey> Producers);

    /// <summary>The next question.</summary>
    /// <returns>What it must be told (<see cref="Tell(ObjectKey, bool)"/>) before it is asked again; null when it knows enough for the plan.</returns>
    public Question? Next()
    {
        var (presence, producers) = (new List<ObjectKey>(), new List<ObjectKey>());
        var seen = new Dictionary<ObjectKey, int>();
        var queue = new Queue<(ObjectKey Key, int Guesses)>();
        foreach (var target in targets)
            Visit(target, 0);
        while (queue.TryDequeue(out var next))
        {
            var there = There(next.Key);
            if (there == true)
                continue;
            if (there is null)
                presence.Add(next.Key);
            var guesses = there is null ? next.Guesses + 1 : 0;
            if (guesses > _ahead)
                continue;
            // Another orchestration may have written it later; only of what is known to be lost that is asked.
            if (!_latest.TryGetValue(next.Key, out var producer))
            {
                producer = own(next.Key);
                if (there == false || producer is null)
                    producers.Add(next.Key);
            }

            foreach (var input in producer?.Inputs ?? [])
                Visit(input, guesses);
        }

        _ahead = Math.Min(_ahead, int.MaxValue / Growth) * Growth;
        return presence.Count + producers.Count == 0 ? null : new Question([.. presence.Distinct()], [.. producers.Distinct()]);

        void Visit(ObjectKey key, int guesses)
        {
            // Once more when it is reached with fewer guesses: then it may be looked behind.
            if (seen.TryGetValue(key, out var before) && before <= guesses)
                return;
            seen[key] = guesses;
            queue.Enqueue((key, guesses));
        }
    }

    /// <summary>Answers whether an object is there.</summary>
    /// <param name="key">Which object.</param>
    /// <param name="there">Whether it is.</param>
    public void Tell(ObjectKey key, bool there) => _there[key] = there;

    /// <summary>Answers who wrote an object last, in this orchestration or another.</summary>
    /// <param name="key">Which object.</param>
    /// <param name="producer">The action; null when nobody is known.</param>
    public void Tell(ObjectKey key, LineageAction? producer) => _latest[key] = producer;

    /// <summary>Asks until it knows enough.</summary>
    /// <param name="look">Tells of objects whether they are there.</param>
    /// <param name="find">Tells who wrote objects last; null, or left out, when nobody is known.</param>
    /// <returns>The plan.</returns>
    public async Task<RecoveryPlan> RunAsync(
        Func<IReadOnlyList<ObjectKey>, Task<IReadOnlyDictionary<ObjectKey, bool>>> look, Func<IReadOnlyList<ObjectKey>, Task<IReadOnlyDictionary<ObjectKey, LineageAction?>>> find)
    {
        ArgumentNullException.ThrowIfNull(look);
        ArgumentNullException.ThrowIfNull(find);
        while (Next() is { } question)
        {
            if (question.Presence.Count > 0)
                foreach (var (key, there) in await look(question.Presence).ConfigureAwait(false))
                    Tell(key, there);
            if (question.Producers.Count == 0)
                continue;
            var writers = await find(question.Producers).ConfigureAwait(false);
            foreach (var key in question.Producers)
                Tell(key, writers.GetValueOrDefault(key));
        }

        return Plan();
    }

    /// <summary>The plan; only once <see cref="Next"/> gave null.</summary>
    /// <returns>The plan.</returns>
    public RecoveryPlan Plan()
    {
        var search = new Search(this, depth);
        foreach (var target in targets)
            search.Resolve(target);
        return search.ToPlan(targets);
    }

    private bool? There(ObjectKey key) =>
        _there.TryGetValue(key, out var there) ? there : seesStore ? null : !targets.Contains(key);

    private LineageAction? Producer(ObjectKey key) => _latest.TryGetValue(key, out var latest) ? latest : own(key);

    /// <summary>A depth-first search with a stack of its own: a chain may be longer than a thread's stack is deep.</summary>
    private sealed class Search(RecoveryPlanner planner, int depth)
    {
        private readonly Dictionary<ObjectKey, Dead?> _dead = [];
        private readonly Dictionary<ActionId, Node> _nodes = [];
        private readonly List<Node> _order = [];

        public void Resolve(ObjectKey target)
        {
            var path = new Stack<Node>();
            Enter(target, path);
            while (path.TryPeek(out var node))
            {
                if (node.Next < node.Action.Inputs.Length && node.Dead is null)
                {
                    var input = node.Action.Inputs[node.Next++];
                    if (planner.There(input) == true)
                        continue;
                    Enter(input, path);
                    Settle(node, input);
                }
                else
                {
                    path.Pop();
                    node.Ended = true;
                    if (node.Dead is null)
                        _order.Add(node);
                    if (path.TryPeek(out var reader))
                        Settle(reader, node.Wanted);
                }
            }
        }

        public RecoveryPlan ToPlan(IEnumerable<ObjectKey> targets)
        {
            // Producers that only a dead object needed do not run: walk back from the targets that can be made.
            var needed = new HashSet<Node>();
            var queue = new Queue<Node>();
            var wanted = targets.Distinct().ToList();
            foreach (var key in wanted)
                if (Maker(key) is { } node && needed.Add(node))
                    queue.Enqueue(node);
            while (queue.TryDequeue(out var node))
                foreach (var before in node.After)
                    if (needed.Add(before))
                        queue.Enqueue(before);
            var places = new Dictionary<Node, int>();
            var jobs = ImmutableArray.CreateBuilder<PlannedJob>(needed.Count);
            foreach (var node in _order.Where(needed.Contains))
            {
                places.Add(node, jobs.Count);
                jobs.Add(new PlannedJob(node.Action, [.. node.After.Select(a => places[a])], [.. node.Objects.Order()]));
            }

            return new RecoveryPlan(jobs.MoveToImmutable(), wanted.ToFrozenDictionary(
                k => k, k => planner.There(k) == true ? KeyPlan.Present : Maker(k) is { } node ? new KeyPlan(places[node], null) : new KeyPlan(null, _dead[k])));
        }

        private Node? Maker(ObjectKey key) =>
            planner.There(key) != true && _dead.GetValueOrDefault(key) is null && planner.Producer(key) is { } action ? _nodes[action.Id] : null;

        private void Enter(ObjectKey key, Stack<Node> path)
        {
            if (planner.There(key) == true || _dead.GetValueOrDefault(key) is not null)
                return;
            if (planner.Producer(key) is not { } action)
            {
                _dead[key] = new Dead(RecoveryCodes.NoProducer, key.Value, "No action known here wrote it; put it into the object store again, or run what makes it.");
                return;
            }

            if (_nodes.TryGetValue(action.Id, out var known))
            {
                if (!known.Ended)
                    _dead[key] = new Dead(RecoveryCodes.Cycle, $"{key} ← {known.Action.Label}", "Making it needs itself; put it into the object store again.");
                else
                    _dead[key] = known.Dead;
                known.Objects.Add(key);
                return;
            }

            if (path.Count >= depth)
            {
                _dead[key] = new Dead(RecoveryCodes.Depth, key.Value, $"More than {depth} producers stand one behind the other; raise orchestration.lineage.max-depth, or put it into the object store again.");
                return;
            }

            var node = new Node(action, key);
            _nodes.Add(action.Id, node);
            path.Push(node);
        }

        /// <summary>Takes over what is known of an input; called again when the search comes back from it.</summary>
        private void Settle(Node reader, ObjectKey input)
        {
            if (_dead.GetValueOrDefault(input) is { } dead)
                Kill(reader, dead);
            else if (planner.Producer(input) is { } producer && _nodes.TryGetValue(producer.Id, out var node) && node.Ended)
                if (node.Dead is { } why)
                    Kill(reader, why);
                else
                    reader.After.Add(node);
        }

        private void Kill(Node node, Dead dead)
        {
            node.Dead = dead with { Path = $"{dead.Path} ← {node.Action.Label}" };
            foreach (var key in node.Objects)
                _dead[key] = node.Dead;
        }
    }

    private sealed class Node(LineageAction action, ObjectKey wanted)
    {
        public LineageAction Action { get; } = action;

        /// <summary>The object by which the search first came here.</summary>
        public ObjectKey Wanted { get; } = wanted;

        public HashSet<ObjectKey> Objects { get; } = [wanted];

        public HashSet<Node> After { get; } = [];

        public int Next { get; set; }

        public bool Ended { get; set; }

        public Dead? Dead { get; set; }
    }
}
