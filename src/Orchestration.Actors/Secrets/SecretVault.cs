using System.Collections.Immutable;
using Orchestration.Actors.Invocations;
using Orchestration.Core.Actions;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;

namespace Orchestration.Actors.Secrets;

/// <summary>
/// Puts values of secrets into a request just before its POST, and takes every value that was ever given out here out of what comes back,
/// before that is stored. Shared by all ActionActors of a system.
/// </summary>
internal sealed class SecretVault(ISecretSource? source)
{
    private ImmutableHashSet<string> _values = [];

    /// <summary>The secrets that have no value.</summary>
    public IReadOnlyList<string> Missing(IEnumerable<string> names) => [.. names.Where(n => Find(n) is null)];

    /// <summary>Says which secrets are missing and where they were looked for.</summary>
    public string Explain(IEnumerable<string> missing) => source is null
        ? $"The secret{(missing.Skip(1).Any() ? "s" : "")} {string.Join(", ", missing.Select(n => $"'{n}'"))} cannot be found: this orchestrator was given no source of secrets; call UseSecrets."
        : string.Join(" ", missing.Select(n => $"The secret '{n}' was not found; looked for in {source.DescribePlaces(n)}."));

    /// <summary>Looks values up, so that they are known to what comes back.</summary>
    public void Learn(ImmutableArray<SecretReference> references)
    {
        foreach (var reference in references)
            Find(reference.Name);
    }

    /// <summary>Puts the values in.</summary>
    /// <param name="request">The request with references.</param>
    /// <param name="references">Where the values belong.</param>
    /// <param name="turnedAway">The reply that stands for the POST when a value is missing; null when none is.</param>
    public InvokeRequest Resolve(InvokeRequest request, ImmutableArray<SecretReference> references, out InvokeReply.Failed? turnedAway)
    {
        turnedAway = null;
        if (references.IsEmpty)
            return request;
        var parameters = SecretText.Resolve(request.Parameters, references, Find, out var missing);
        // Nothing was sent: the attempt waits like one that the platform turned away, until somebody sets the value.
        if (missing is not null)
            turnedAway = new InvokeReply.Failed(null, null, AttemptOutcome.Unavailable, new Failure("SECRET_MISSING", Explain([missing])), ObjectReport.None);
        return request with { Parameters = parameters };
    }

    /// <summary>Takes the values out of a reply.</summary>
    public InvokeReply Masked(InvokeReply reply)
    {
        var values = _values;
        return values.IsEmpty ? reply : reply switch
        {
            InvokeReply.Succeeded s => s with { Result = SecretText.Masked(s.Result, values) },
            InvokeReply.Failed f => f with { Failure = Masked(f.Failure, values) },
            _ => reply,
        };
    }

    /// <summary>Takes the values out of what an invoker threw, as it will be logged and stored.</summary>
    public InvocationException Masked(Exception thrown)
    {
        var values = _values;
        var text = thrown.ToString();
        return new InvocationException(SecretText.Masked(thrown.Message, values), values.Any(v => text.Contains(v, StringComparison.Ordinal)) ? null : thrown);
    }

    private static Failure Masked(Failure failure, IReadOnlyCollection<string> values) => new(
        failure.Code is { } code ? SecretText.Masked(code, values) : null,
        SecretText.Masked(failure.Message, values),
        failure.Raw is { } raw ? SecretText.Masked(raw, values) : (JsonBytes?)null);

    private string? Find(string name)
    {
        if (source?.Find(name) is not { Length: > 0 } value)
            return null;
        ImmutableInterlocked.Update(ref _values, (known, v) => known.Add(v), value);
        return value;
    }
}
