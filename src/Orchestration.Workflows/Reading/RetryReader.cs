using System.Collections.Immutable;
using System.Text.Json;
using Orchestration.Core.Retries;
using Orchestration.Workflows.Yaml;

namespace Orchestration.Workflows.Reading;

/// <summary>Reads <c>retry</c>. What a step leaves out comes from the file's defaults.</summary>
internal static class RetryReader
{
    internal static readonly string[] Keys = ["retries", "backoff", "initial", "max", "factor", "jitter", "attemptTimeout", "timeout", "on", "codes", "neverCodes"];

    /// <summary>Reads a policy.</summary>
    /// <param name="node">What stands there; null for nothing.</param>
    /// <param name="basis">What holds for the keys that are left out.</param>
    /// <param name="problems">Takes what is wrong.</param>
    /// <returns>The policy.</returns>
    public static RetryPolicy Read(YamlTree? node, RetryPolicy basis, ProblemList problems)
    {
        if (node is null || MapReader.Open(node, "retry", problems, Keys) is not { } map)
            return basis;
        var policy = basis with
        {
            Retries = map.Integer("retries", 0, RetryPolicy.MaxRetries) ?? basis.Retries,
            Backoff = map.Word("backoff", "none", "fixed", "exponential") switch
            {
                "none" => BackoffKind.None,
                "fixed" => BackoffKind.Fixed,
                "exponential" => BackoffKind.Exponential,
                _ => basis.Backoff,
            },
            Initial = map.Duration("initial") ?? basis.Initial,
            Max = map.Duration("max") ?? basis.Max,
            Factor = map.Number("factor") ?? basis.Factor,
            Jitter = map.Flag("jitter") ?? basis.Jitter,
            AttemptTimeout = map.Duration("attemptTimeout") ?? basis.AttemptTimeout,
            OverallTimeout = map.Duration("timeout") ?? basis.OverallTimeout,
            RetryOn = map.Find("on") is null ? basis.RetryOn : Outcomes(map, problems),
            RetryCodes = map.Find("codes") is null ? basis.RetryCodes : Codes(map, "codes", problems),
            NeverRetryCodes = map.Find("neverCodes") is null ? basis.NeverRetryCodes : Codes(map, "neverCodes", problems),
        };
        foreach (var problem in policy.Problems())
            problems.Add(map.Place, $"retry: {problem}");
        return policy;
    }

    private static ImmutableArray<AttemptOutcome> Outcomes(MapReader map, ProblemList problems)
    {
        var names = AttemptOutcomes.Selectable.Select(AttemptOutcomes.NameOf).ToList();
        var outcomes = ImmutableArray.CreateBuilder<AttemptOutcome>();
        foreach (var item in map.List("on", "outcomes: " + string.Join(", ", names)))
        {
            if (item is YamlScalar scalar && names.Contains(scalar.Text) && AttemptOutcomes.TryParse(scalar.Text, out var outcome))
                outcomes.Add(outcome);
            else
                problems.Add(item.Place, $"on holds {MapReader.Describe(item)}; it takes {string.Join(", ", names)}{NearestName.SuggestOrStop((item as YamlScalar)?.Text ?? "", names)}");
        }

        return [.. outcomes.Distinct()];
    }

    private static ImmutableArray<string> Codes(MapReader map, string key, ProblemList problems)
    {
        var codes = ImmutableArray.CreateBuilder<string>();
        foreach (var item in map.List(key, "error codes"))
        {
            // Codes of actions are short names or numbers, and are compared as text.
            if (item is YamlScalar { Text.Length: > 0 } scalar && CoreSchema.KindOf(scalar) is JsonValueKind.String or JsonValueKind.Number)
                codes.Add(((YamlScalar)item).Text);
            else
                problems.Add(item.Place, $"{key} holds {MapReader.Describe(item)}; it takes error codes, such as NoSuchKey or 404.");
        }

        return codes.ToImmutable();
    }
}
