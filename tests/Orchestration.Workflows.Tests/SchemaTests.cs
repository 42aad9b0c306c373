using System.Text.Json;
using NJsonSchema;
using Orchestration.Workflows.Reading;
using Orchestration.Workflows.Yaml;

namespace Orchestration.Workflows.Tests;

/// <summary><c>docs/workflow.schema.json</c> and the parser say the same of what a schema can tell.</summary>
public class SchemaTests
{
    private static readonly string Source = File.ReadAllText(Path.Combine(Repository.Folder, "docs", "workflow.schema.json"));

    private static readonly Lazy<Task<JsonSchema>> Schema = new(() => JsonSchema.FromJsonAsync(Source));

    [Fact]
    public void The_schema_has_the_members_that_the_parser_knows_and_no_others()
    {
        using var document = JsonDocument.Parse(Source);
        var root = document.RootElement;
        Assert.Equal(WorkflowReader.Keys.Order(), Members(root));
        Assert.Equal(WorkflowReader.DefaultKeys.Order(), Members(root.GetProperty("properties").GetProperty("defaults")));
        Assert.Equal(WorkflowReader.ActionKeys.Order(), Members(Definition("deployment")));
        Assert.Equal(StepReader.Keys.Order(), Members(Definition("step")));
        Assert.Equal(RetryReader.Keys.Order(), Members(Definition("retry")));
        var stored = Definition("step").GetProperty("properties").GetProperty("foreach").GetProperty("anyOf").EnumerateArray().Where(f => f.TryGetProperty("properties", out _));
        Assert.Equal(ItemReader.StoredKeys.Order(), stored.SelectMany(Members).Order());
        Assert.Equal(
            Core.Retries.AttemptOutcomes.Selectable.Select(Core.Retries.AttemptOutcomes.NameOf).Order(),
            Definition("retry").GetProperty("properties").GetProperty("on").GetProperty("items").GetProperty("enum").EnumerateArray().Select(e => e.GetString()!).Order());

        JsonElement Definition(string name) => root.GetProperty("definitions").GetProperty(name);
    }

    public static TheoryData<string> Valid =>
    [
        .. Repository.YamlBlocks("docs/workflows.md"),
        File.ReadAllText(Path.Combine(Repository.Folder, "samples", "hello", "workflow.yaml")),
        File.ReadAllText(Path.Combine(Repository.Folder, "samples", "transcoder", "workflow.yaml")),
        .. new[]
        {
            "when: true", "when: false", "when: always", "when: ${{ params.p == `1` }}",
            "needs: []", "needs:", "needs: other", "needs: [other]",
            "foreach: []", "foreach: [1, { a: b }]", "foreach: { objects: b }", "foreach: { objects: b/p/ }", "foreach: { lines: b/k, format: json }", "foreach: { lines: \"${{ params.text }}\" }",
            "with: {}", "with:", "with: ${{ params.map }}", "with: { a: [1, null, { b: \"${{ params.p }}\" }] }",
            "reads: [b/k, \"${{ params.text }}\"]", "writes:", "writers: shared", "collect: b/k", "collect: b/${{ params.text }}",
            "parallelism: 100000", "parallelism: ${{ params.p }}", "timeout: 5", "timeout: 1.5", "timeout: 500ms", "timeout: 1h30m", "timeout: 2d", "onFailure: continue", "foreach: [1]\nfailFast: false",
            "retry: {}", "retry:", "retry: { retries: 0, backoff: none, initial: 1s, max: 1m, factor: 1.5, jitter: false, attemptTimeout: 1m, timeout: 1h, on: [lost], codes: [A, 404], neverCodes: [] }",
        }.Select(Step),
        "name: w\nparams:\nsecrets:\ndefaults:\nactions:\nsteps: [{ id: s, action: /n/p/a }]\noutput:",
        "name: w\nparams: { a-b.c: , list: [1] }\nsecrets: [A, b_1]\ndefaults: { parallelism: 1, retry: { retries: 1 } }\nactions: { p/a: { file: f.py, kind: python:3, main: go, timeout: 1m, memory: 256 } }\nsteps: [{ id: s, action: a }]\noutput: [1, \"${{ params.list }}\"]",
    ];

    public static TheoryData<string> Invalid =>
    [
        .. new[]
        {
            "when: yes", "when: 1", "when:", "when: [true]", "needs: { a: b }", "foreach: 5", "foreach: text", "foreach:", "foreach: {}", "foreach: { lines: b/k, objects: b }", "foreach: { lines: b }",
            "foreach: { lines: b/k, format: xml }", "foreach: { objects: b, format: text }", "foreach: { objects: /k }", "foreach: { line: b/k }", "with: text", "with: [a]", "with: { context: 1 }", "with: { __orchestration: 1 }",
            "reads: b/k", "reads: [b]", "reads: [5]", "writes: [[b/k]]", "writers: many", "collect: b", "collect: 5", "collect: [b/k]",
            "parallelism: 0", "parallelism: 1.5", "parallelism: [1]", "parallelism: many", "parallelism: 100001", "timeout: soon", "timeout: -1", "timeout: [1]", "timeout: 366000000", "failFast: true", "foreach: [1]\nfailFast: 1", "onFailure: go", "onFailure: true",
            "retry: 3", "retry: { retries: -1 }", "retry: { retries: 1001 }", "retry: { backoff: linear }", "retry: { initial: x }", "retry: { factor: 0.5 }", "retry: { factor: x }", "retry: { jitter: 1 }",
            "retry: { on: [throttled] }", "retry: { on: lost }", "retry: { codes: [[1]] }", "retry: { codes: A }", "retry: { retrys: 1 }", "unknown: 1",
        }.Where(line => line != "failFast: true").Select(Step),
        "[]", "name: w", "steps: [{ id: s, action: a }]", "name: w\nsteps: []", "name: w\nsteps: { id: s }", "name: w\nsteps: [s]", "name: 5\nsteps: [{ id: s, action: a }]", "name: w\nsteps: [{ id: s }]",
        "name: w\nsteps: [{ action: a }]", "name: w\nsteps: [{ id: 1s, action: a }]", "name: w\nsteps: [{ id: s, action: 5 }]", "name: w\nextra: 1\nsteps: [{ id: s, action: a }]",
        "name: w\nparams: [a]\nsteps: [{ id: s, action: a }]", "name: w\nsecrets: K\nsteps: [{ id: s, action: a }]", "name: w\nsecrets: [A-B]\nsteps: [{ id: s, action: a }]", "name: w\nsecrets: [K, K]\nsteps: [{ id: s, action: a }]",
        "name: w\ndefaults: { timeout: 5 }\nsteps: [{ id: s, action: a }]", "name: w\nactions: { a: {} }\nsteps: [{ id: s, action: a }]", "name: w\nactions: { a: { file: f, memory: 0 } }\nsteps: [{ id: s, action: a }]",
        "name: w\nactions: { a: { file: f, code: x } }\nsteps: [{ id: s, action: a }]", "name: w\nactions: [a]\nsteps: [{ id: s, action: a }]",
    ];

    [Theory]
    [MemberData(nameof(Valid))]
    public async Task What_the_parser_reads_fits_the_schema(string text)
    {
        Fixtures.Parse(text);
        Assert.Empty(await ErrorsAsync(text));
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task What_does_not_fit_the_schema_is_refused_by_the_parser(string text)
    {
        Assert.Throws<WorkflowException>(() => Fixtures.Parse(text));
        Assert.NotEmpty(await ErrorsAsync(text));
    }

    private static string Step(string lines) => Fixtures.OneStep(lines, "{ p: 1, text: b/k, map: {} }").TrimEnd() + "\n  - { id: other, action: a }\n";

    private static IEnumerable<string> Members(JsonElement schema) => schema.GetProperty("properties").EnumerateObject().Select(p => p.Name).Order();

    private static async Task<IEnumerable<string>> ErrorsAsync(string text)
    {
        var problems = new ProblemList("w.yaml", text);
        var json = CoreSchema.ToJson(YamlComposer.Compose(text, problems)!, problems);
        Assert.True(problems.IsEmpty);
        return (await Schema.Value).Validate(json.ToString()).Select(e => e.ToString());
    }
}
