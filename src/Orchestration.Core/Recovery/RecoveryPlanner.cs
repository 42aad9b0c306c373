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
    private readonly Dictionary<ObjectKey, ImmutableArray<LineageAction>> _writers = [];
    private int _ahead = 1;

    /// <summary>What the planner must know to go on.</summary>
    /// <param name="Presence">Objects of which it must know whether they are there.</param>
    /// <param name="Producers">Objects of which it must know who wrote them last, in any orchestration.</param>
    /// <param name="Writers">Lost objects with several writers, of which it must know all of them.</param>
    public sealed record Question(IReadOnlyList<ObjectKey> Presence, IReadOnlyList<ObjectKey> Producers, IReadOnlyList<ObjectKey> Writers);

    /// <summary>The next question.</summary>
    /// <returns>What it must be told (<see cref="Tell(ObjectKey, bool)"/>) before it is asked again; null when it knows enough for the plan.</returns>
    public Question? Next()
    {
        var (presence, producers, order) = (new List<ObjectKey>(), new List<ObjectKey>(), new List<ObjectKey>());
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

            if (_writers.TryGetValue(next.Key, out var writers))
            {
                foreach (var key in writers.SelectMany(w => w.Inputs.Concat(w.Spec.Writes)))
                    Visit(key, guesses);
                continue;
            }

            // Who wrote it last tells whether it is shared; only then all who did are asked for.
            if (there == false && producer is not null && _latest.ContainsKey(next.Key) && producer.Shares(next.Key))
                order.Add(next.Key);
            foreach (var input in producer?.Inputs ?? [])
                Visit(input, guesses);
            // Who runs again writes the others of its shared objects too: a lost one of them is made again in its order, or would come out in another.
            foreach (var other in there == false ? producer?.Spec.Writes ?? [] : [])
                Visit(other, guesses);
        }

        _ahead = Math.Min(_ahead, int.MaxValue / Growth) * Growth;
        return presence.Count + producers.Count + order.Count == 0 ? null : new Question([.. presence.Distinct()], [.. producers.Distinct()], [.. order.Distinct()]);

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
    /// <param name="order">Tells all who wrote an object, see <see cref="Tell(ObjectKey, ImmutableArray{LineageAction})"/>.</param>
    /// <returns>The plan.</returns>
    public async Task<RecoveryPlan> RunAsync(
        Func<IReadOnlyList<ObjectKey>, Task<IReadOnlyDictionary<ObjectKey, bool>>> look,
        Func<IReadOnlyList<ObjectKey>, Task<IReadOnlyDictionary<ObjectKey, LineageAction?>>> find,
        Func<ObjectKey, Task<ImmutableArray<LineageAction>>> order)
    {
        ArgumentNullException.ThrowIfNull(look);
        ArgumentNullException.ThrowIfNull(find);
        ArgumentNullException.ThrowIfNull(order);
        while (Next() is { } question)
        {
            if (question.Presence.Count > 0)
                foreach (var (key, there) in await look(question.Presence).ConfigureAwait(false))
                    Tell(key, there);
            if (question.Producers.Count > 0)
            {
                var latest = await find(question.Producers).ConfigureAwait(false);
                foreach (var key in question.Producers)
                    Tell(key, latest.GetValueOrDefault(key));
            }

            foreach (var key in question.Writers)
                Tell(key, await order(key).ConfigureAwait(false));
        }

        return Plan();
    }

    /// <summary>Answers who wrote an object that has several writers.</summary>
    /// <param name="key">Which object.</param>
    /// <param name="writers">Each writer once, in the order in which they are to run again; none when not all of them are known any more.</param>
    public void Tell(ObjectKey key, ImmutableArray<LineageAction> writers) => _writers[key] = writers;

    /// <summary>The plan; only once <see cref="Next"/> gave null.</summary>
    /// <returns>The plan.</returns>
    public RecoveryPlan Plan()
    {
        var search = new Search(this, depth);
        var all = targets.Concat(_writers.Where(w => !w.Value.IsEmpty).Select(w => w.Key)).Distinct().ToList();
        foreach (var target in all)
            search.Resolve(target);
        return search.ToPlan(all);
    }

    private bool? There(ObjectKey key) =>
        _there.TryGetValue(key, out var there) ? there : seesStore ? null : !targets.Contains(key);

    private LineageAction? Producer(ObjectKey key) => _latest.TryGetValue(key, out var latest) ? latest : own(key);

    /// <summary>The action after which an object is what it was.</summary>
    private LineageAction? Maker(ObjectKey key) => _writers.TryGetValue(key, out var writers) ? writers.LastOrDefault() : Producer(key);

    /// <summary>Who must have written which object before an action does.</summary>
    private Dictionary<ActionId, List<(ObjectKey Key, LineageAction? Maker)>> Order()
    {
        var before = new Dictionary<ActionId, List<(ObjectKey, LineageAction?)>>();
        foreach (var (key, writers) in _writers)
        {
            for (var i = 1; i < writers.Length; i++)
            {
                if (!before.TryGetValue(writers[i].Id, out var all))
                    before.Add(writers[i].Id, all = []);
                all.Add((key, writers[i - 1]));
            }
        }

        return before;
    }

    /// <summary>A depth-first search with a stack of its own: a chain may be longer than a thread's stack is deep.</summary>
    private sealed class Search(RecoveryPlanner planner, int depth)
    {
        private readonly Dictionary<ObjectKey, Dead?> _dead = [];
        private readonly Dictionary<ActionId, Node> _nodes = [];
        private readonly List<Node> _order = [];
        private readonly Dictionary<ActionId, List<(ObjectKey Key, LineageAction? Maker)>> _before = planner.Order();

        public void Resolve(ObjectKey target)
        {
            var path = new Stack<Node>();
            Enter(target, planner.Maker(target), path);
            while (path.TryPeek(out var node))
            {
                if (node.Next < node.Needs.Length && node.Dead is null)
                {
                    var (input, maker) = node.Needs[node.Next++];
                    if (planner.There(input) == true)
                        continue;
                    Enter(input, maker, path);
                    Settle(node, input, maker);
                }
                else
                {
                    path.Pop();
                    node.Ended = true;
                    if (node.Dead is null)
                        _order.Add(node);
                    if (path.TryPeek(out var reader))
                        Settle(reader, node.Wanted, node.Action);
                }
            }
        }

        public RecoveryPlan ToPlan(IReadOnlyList<ObjectKey> wanted)
        {
            // Producers that only a dead object needed do not run: walk back from what can be made.
            var queue = new Queue<Node>();
            foreach (var key in wanted)
                Need(Maker(key));
            while (queue.TryDequeue(out var node))
                node.After.ForEach(Need);
            var jobs = ImmutableArray.CreateBuilder<PlannedJob>();
            foreach (var node in _order.Where(n => n.IsNeeded))
            {
                node.Place = jobs.Count;
                // Most make one object, of which nobody else writes a part.
                ImmutableArray<ObjectKey> objects = node.Objects.Count == 1 ? [node.Objects[0]] : [.. node.Objects.Distinct().Order()];
                var job = new PlannedJob(node.Action, [.. node.After.Select(a => a.Place).Distinct()], objects);
                jobs.Add(planner._writers.Count == 0 ? job : job with
                {
                    Onto = [.. objects.Where(o => planner._writers.TryGetValue(o, out var all) && all[0].Id != node.Action.Id)],
                    Partial = [.. objects.Where(o => planner.Maker(o)!.Id != node.Action.Id)],
                });
            }

            return new RecoveryPlan(jobs.DrainToImmutable(), wanted.ToDictionary(
                k => k, k => planner.There(k) == true ? KeyPlan.Present : Maker(k) is { } node ? new KeyPlan(node.Place, null) : new KeyPlan(null, _dead[k])));

            void Need(Node? node)
            {
                if (node is null or { IsNeeded: true })
                    return;
                node.IsNeeded = true;
                queue.Enqueue(node);
            }
        }

        private Node? Maker(ObjectKey key) =>
            planner.There(key) != true && _dead.GetValueOrDefault(key) is null && planner.Maker(key) is { } action ? _nodes[action.Id] : null;

        private void Enter(ObjectKey key, LineageAction? maker, Stack<Node> path)
        {
            if (planner.There(key) == true || _dead.GetValueOrDefault(key) is not null)
                return;
            if (maker is not { } action)
            {
                _dead[key] = new Dead(RecoveryCodes.NoProducer, key.Value, planner._writers.ContainsKey(key)
                    ? "It had more writers than are known any more; put it into the object store again."
                    : "No action known here wrote it; put it into the object store again, or run what makes it.");
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

            var node = new Node(action, key, [.. action.Inputs.Select(i => (i, planner.Maker(i))), .. _before.GetValueOrDefault(action.Id, [])]);
            _nodes.Add(action.Id, node);
            path.Push(node);
        }

        /// <summary>Takes over what is known of an input; called again when the search comes back from it.</summary>
        private void Settle(Node reader, ObjectKey input, LineageAction? maker)
        {
            if (_dead.GetValueOrDefault(input) is { } dead)
                Kill(reader, dead);
            else if (maker is { } producer && _nodes.TryGetValue(producer.Id, out var node) && node.Ended)
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

    private sealed class Node(LineageAction action, ObjectKey wanted, ImmutableArray<(ObjectKey Key, LineageAction? Maker)> needs)
    {
        /// <summary>What must be there before, and who makes it: its inputs, and the objects that others write before it.</summary>
        public ImmutableArray<(ObjectKey Key, LineageAction? Maker)> Needs { get; } = needs;

        public LineageAction Action { get; } = action;

        /// <summary>The object by which the search first came here.</summary>
        public ObjectKey Wanted { get; } = wanted;

        /// <summary>The objects by which it was come to, some of them several times.</summary>
        public List<ObjectKey> Objects { get; } = [wanted];

        /// <summary>What must run before, some of it several times.</summary>
        public List<Node> After { get; } = [];

        public bool IsNeeded { get; set; }

        /// <summary>Its place among the jobs, once it is one.</summary>
        public int Place { get; set; }

        public int Next { get; set; }

        public bool Ended { get; set; }

        public Dead? Dead { get; set; }
    }
}
