using DevLab.JmesPath;

namespace Orchestration.Workflows.Expressions;

/// <summary>What an expression names, found without evaluating it.</summary>
internal sealed class ExpressionNames
{
    /// <summary>The steps it names.</summary>
    public List<string> Steps { get; } = [];

    /// <summary>The steps whose status it names.</summary>
    public HashSet<string> Statuses { get; } = new(StringComparer.Ordinal);

    /// <summary>The steps whose result it looks at.</summary>
    public HashSet<string> Results { get; } = new(StringComparer.Ordinal);

    /// <summary>The secrets it names.</summary>
    public List<string> Secrets { get; } = [];

    /// <summary>Whether it takes all secrets as one value.</summary>
    public bool TakesAllSecrets { get; set; }

    /// <summary>The parameters it names.</summary>
    public List<string> Parameters { get; } = [];

    /// <summary>Names at its root that mean nothing there.</summary>
    public List<string> Unknown { get; } = [];

    /// <summary>Members of a step that a step does not have.</summary>
    public List<string> UnknownMembers { get; } = [];

    /// <summary>Whether it takes <c>steps</c>, or everything, as a value: then nobody knows which steps it needs.</summary>
    public bool TakesAllSteps { get; set; }

    /// <summary>Whether it names <c>item</c> or <c>index</c>, and which it named first.</summary>
    public string? ItemName { get; set; }

    /// <summary>Whether it computes values, rather than passing on what is there.</summary>
    public bool Computes { get; set; }

    /// <summary>How deeply it nests.</summary>
    public int Depth { get; set; }
}

/// <summary>
/// Builds the shape of a JMESPath expression from the events of JmesPath.Net's parser, whose own tree keeps its children to itself.
/// The stack discipline follows the grammar's reductions: every construct has pushed its parts before its event comes.
/// </summary>
internal sealed class ExpressionShape : IJmesPathGenerator
{
    private readonly Stack<Node> _nodes = new();
    private readonly Stack<List<Node>> _hashes = new();
    private readonly Stack<List<Node>> _lists = new();
    private readonly Stack<List<Node>> _arguments = new();
    private readonly Stack<List<Node>> _bindings = new();
    private List<Node> _currentBindings = [];
    private bool _computes;

    private enum Kind
    {
        Identifier,
        Current,
        Root,
        Constant,

        /// <summary>The second child looks at what the first one gave.</summary>
        Chain,

        /// <summary>The children look at the same value and make a new one.</summary>
        Together,

        /// <summary>Looks at the elements or members of a value; the child, if any, looks at each of them.</summary>
        Elements,

        /// <summary>An expression that a function applies to elements.</summary>
        Reference,

        /// <summary>Bindings, then the body, all looking at the same value; gives the body's.</summary>
        Let,
    }

    /// <summary>What a node's value is known to be.</summary>
    private enum Known
    {
        Scope,
        Parameters,
        Secrets,
        Steps,
        Step,
        Other,
    }

    /// <summary>A value under evaluation.</summary>
    /// <param name="What">What it is known to be.</param>
    /// <param name="Step">Which step it is; null for all else.</param>
    private readonly record struct Value(Known What, string? Step = null)
    {
        public static implicit operator Value(Known what) => new(what);
    }

    /// <summary>Reads an expression's names.</summary>
    /// <param name="expression">JMESPath.</param>
    /// <returns>What it names.</returns>
    /// <exception cref="Exception">A syntax error, as JmesPath.Net reports it.</exception>
    public static ExpressionNames NamesOf(string expression)
    {
        var shape = new ExpressionShape();
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(expression));
        Parser.Parse(stream, System.Text.Encoding.UTF8, shape);
        var root = shape._nodes.Peek();
        var names = new ExpressionNames { Computes = shape._computes, Depth = root.Depth };
        if (root.Depth <= ExpressionReader.MaxDepth)
            Consume(Look(root, Known.Scope, names), names);
        return names;
    }

    public bool IsProjection() => _nodes.Count > 0 && _nodes.Peek().IsProjection;

    public void OnExpression()
    {
        // Every construct has an event of its own; this one tells nothing new.
    }

    public void OnIdentifier(string name) => Push(new Node(Kind.Identifier, name));

    public void OnLiteralString(string literal) => Push(new Node(Kind.Constant));

    public void OnRawString(string value) => Push(new Node(Kind.Constant));

    public void OnVariableReference(string name) => Push(new Node(Kind.Constant));

    public void OnCurrentNode() => Push(new Node(Kind.Current));

    public void OnRootNode() => Push(new Node(Kind.Root));

    public void OnAndExpression() => Combine(Kind.Together);

    public void OnOrExpression() => Combine(Kind.Together);

    public void OnNotExpression() => Push(new Node(Kind.Together, null, _nodes.Pop()));

    public void OnComparisonEqual() => Combine(Kind.Together);

    public void OnComparisonGreater() => Combine(Kind.Together);

    public void OnComparisonGreaterOrEqual() => Combine(Kind.Together);

    public void OnComparisonLesser() => Combine(Kind.Together);

    public void OnComparisonLesserOrEqual() => Combine(Kind.Together);

    public void OnComparisonNotEqual() => Combine(Kind.Together);

    public void OnArithmeticUnaryPlus() => Compute(new Node(Kind.Together, null, _nodes.Pop()));

    public void OnArithmeticUnaryMinus() => Compute(new Node(Kind.Together, null, _nodes.Pop()));

    public void OnArithmeticAddition() => ComputeTwo();

    public void OnArithmeticSubtraction() => ComputeTwo();

    public void OnArithmeticMultiplication() => ComputeTwo();

    public void OnArithmeticDivision() => ComputeTwo();

    public void OnArithmeticModulo() => ComputeTwo();

    public void OnArithmeticIntegerDivision() => ComputeTwo();

    public void OnSubExpression() => Combine(Kind.Chain);

    public void OnIndexExpression() => Combine(Kind.Chain);

    public void OnPipeExpression() => Combine(Kind.Chain);

    public void OnFilterProjection() => Push(new Node(Kind.Elements, null, _nodes.Pop()) { IsProjection = true });

    public void OnFlattenProjection() => Push(new Node(Kind.Elements) { IsProjection = true });

    public void OnHashWildcardProjection() => Push(new Node(Kind.Elements) { IsProjection = true });

    public void OnListWildcardProjection() => Push(new Node(Kind.Elements) { IsProjection = true });

    public void OnSliceExpression(int? start, int? stop, int? step) => Push(new Node(Kind.Elements) { IsProjection = true });

    public void OnIndex(int index) => Push(new Node(Kind.Elements));

    public void PushMultiSelectHash() => _hashes.Push([]);

    public void AddMultiSelectHashExpression()
    {
        _hashes.Peek().Add(_nodes.Pop());
        // The key, which the grammar reads as an identifier.
        _nodes.Pop();
    }

    public void PopMultiSelectHash() => Push(new Node(Kind.Together, null, [.. _hashes.Pop()]));

    public void PushMultiSelectList() => _lists.Push([]);

    public void AddMultiSelectListExpression() => _lists.Peek().Add(_nodes.Pop());

    public void PopMultiSelectList() => Push(new Node(Kind.Together, null, [.. _lists.Pop()]));

    public void PushFunction() => _arguments.Push([]);

    public void AddFunctionArg() => _arguments.Peek().Add(_nodes.Pop());

    public void PopFunction(string name) => Compute(new Node(Kind.Together, null, [.. _arguments.Pop()]));

    public void OnExpressionType() => Push(new Node(Kind.Reference, null, _nodes.Pop()));

    public void OnLetBinding(string name) => _currentBindings.Add(_nodes.Pop());

    public void OnLetBindings()
    {
        _bindings.Push(_currentBindings);
        _currentBindings = [];
    }

    public void OnLetExpression()
    {
        var body = _nodes.Pop();
        Push(new Node(Kind.Let, null, [.. _bindings.Pop(), body]));
    }

    private void Push(Node node) => _nodes.Push(node);

    private void Combine(Kind kind)
    {
        var right = _nodes.Pop();
        Push(new Node(kind, null, _nodes.Pop(), right));
    }

    private void ComputeTwo()
    {
        Combine(Kind.Together);
        _computes = true;
    }

    private void Compute(Node node)
    {
        Push(node);
        _computes = true;
    }

    private static Value Look(Node node, Value at, ExpressionNames names)
    {
        switch (node.Kind)
        {
            case Kind.Identifier:
                return Identify(node.Name!, at, names);
            case Kind.Current:
                return at;
            case Kind.Root:
                return Known.Scope;
            case Kind.Chain:
                return Look(node.Children[1], Look(node.Children[0], at, names), names);
            case Kind.Let:
                foreach (var binding in node.Children[..^1])
                    Consume(Look(binding, at, names), names);
                return Look(node.Children[^1], at, names);
            case Kind.Elements:
                Consume(at, names);
                foreach (var child in node.Children)
                    Consume(Look(child, Known.Other, names), names);
                return Known.Other;
            case Kind.Reference:
                Consume(Look(node.Children[0], Known.Other, names), names);
                return Known.Other;
            default:
                foreach (var child in node.Children)
                    Consume(Look(child, at, names), names);
                return Known.Other;
        }
    }

    private static Value Identify(string name, Value at, ExpressionNames names)
    {
        switch (at.What)
        {
            case Known.Scope when name == "params":
                return Known.Parameters;
            case Known.Scope when name == "secrets":
                return Known.Secrets;
            case Known.Scope when name == "steps":
                return Known.Steps;
            case Known.Scope when name is "item" or "index":
                names.ItemName ??= name;
                return Known.Other;
            case Known.Scope:
                names.Unknown.Add(name);
                return Known.Other;
            case Known.Parameters:
                names.Parameters.Add(name);
                return Known.Other;
            case Known.Secrets:
                names.Secrets.Add(name);
                return Known.Other;
            case Known.Steps:
                names.Steps.Add(name);
                return new Value(Known.Step, name);
            case Known.Step when name == "status":
                names.Statuses.Add(at.Step!);
                return Known.Other;
            case Known.Step when name == "result":
                names.Results.Add(at.Step!);
                return Known.Other;
            case Known.Step:
                names.UnknownMembers.Add(name);
                return Known.Other;
            default:
                return Known.Other;
        }
    }

    private static void Consume(Value value, ExpressionNames names)
    {
        names.TakesAllSteps |= value.What is Known.Scope or Known.Steps;
        names.TakesAllSecrets |= value.What is Known.Secrets;
        // A step as a whole holds its result.
        if (value.What == Known.Step)
            names.Results.Add(value.Step!);
    }

    private sealed record Node(Kind Kind, string? Name = null, params Node[] Children)
    {
        /// <summary>The parser asks for it to tell a multi-select from an index.</summary>
        public bool IsProjection { get; init; }

        public int Depth { get; } = 1 + Children.Select(c => c.Depth).DefaultIfEmpty().Max();
    }
}
