using Orchestration.LocalWhisk.Http;

namespace Orchestration.LocalWhisk.Actions;

/// <summary>Makes the stored action out of a PUT's body and the action that is there already, by OpenWhisk's merge rules.</summary>
internal sealed class ActionUpdate(LocalWhiskOptions options, Func<string, string> concreteKind, SequenceCheck sequences)
{
    private const int DefaultMemoryMegabytes = 256;

    public WhiskAction Apply(ActionName name, ActionBody body, WhiskAction? stored, long now)
    {
        var exec = body.Exec is { } given ? MakeExec(name, given) : stored?.Exec ?? throw new ApiException(400, "exec undefined");
        RequireSize("exec", exec.Size, options.MaxCodeBytes);
        var parameters = exec.Components.Count > 0 ? [ComponentsOf(exec)] : body.Parameters ?? (stored is { IsSequence: false } ? stored.Parameters : []);
        RequireSize("parameters", parameters.Sum(p => (long)p.Size), options.MaxPayloadBytes);
        var annotations = MergeAnnotations(body, stored, exec.Kind);
        RequireSize("annotations", annotations.Sum(a => (long)a.Size), options.MaxPayloadBytes);
        return new WhiskAction
        {
            Name = name,
            Exec = exec,
            Parameters = parameters,
            Annotations = annotations,
            Limits = MergeLimits(body.Limits, stored?.Limits),
            Version = body.Version ?? stored?.Version.Next() ?? ActionVersion.First,
            Publish = body.Publish ?? stored?.Publish ?? false,
            Updated = now,
        };
    }

    private ActionExec MakeExec(ActionName name, ExecBody body)
    {
        if (body.Kind == ActionExec.Sequence)
            return new ActionExec(body.Kind, "", null) { Components = sequences.Check(name, body.Components) };
        if (body.Url is { } url)
            return new ActionExec(body.Kind, body.Code ?? "", body.Main) { Url = url };
        var kind = concreteKind(body.Kind);
        return new ActionExec(kind, body.Code ?? throw ApiException.BadContent($"'code' must be a string defined in 'exec' for '{body.Kind}' actions"), body.Main);
    }

    // Where OpenWhisk keeps them, and clients look for them.
    private Entry ComponentsOf(ActionExec exec) => new("_actions", JsonBytes.Build(writer =>
    {
        writer.WriteStartArray();
        foreach (var component in exec.Components)
            writer.WriteStringValue($"/{options.Namespace}/{component}");
        writer.WriteEndArray();
    }));

    private static void RequireSize(string what, long size, long limit)
    {
        if (size > limit)
            throw ApiException.TooLarge(what, size, limit);
    }

    private static List<Entry> MergeAnnotations(ActionBody body, WhiskAction? stored, string kind)
    {
        var merged = stored?.Annotations.ToList() ?? [];
        foreach (var annotation in body.Annotations ?? [])
            Set(merged, annotation);
        merged.RemoveAll(a => body.DeletedAnnotations.Contains(a.Key));
        if (stored is null && !merged.Exists(a => a.Key == "provide-api-key"))
            merged.Add(new Entry("provide-api-key", "false"u8.ToArray()));
        Set(merged, new Entry("exec", JsonBytes.Build(kind, static (writer, text) => writer.WriteStringValue(text))));
        return merged;
    }

    private static void Set(List<Entry> entries, Entry entry)
    {
        var index = entries.FindIndex(e => e.Key == entry.Key);
        if (index < 0)
            entries.Add(entry);
        else
            entries[index] = entry;
    }

    private ActionLimits MergeLimits(LimitsBody? body, ActionLimits? stored)
    {
        stored ??= new ActionLimits((int)options.DefaultTimeout.TotalMilliseconds, DefaultMemoryMegabytes, ActionLimits.MaxLogsMegabytes, 1, null);
        var timeout = body?.Timeout ?? stored.Timeout;
        var memory = body?.Memory ?? stored.Memory;
        var logs = body?.Logs ?? stored.Logs;
        var concurrency = body?.Concurrency ?? stored.Concurrency;
        var instances = body?.Instances ?? stored.Instances;
        RequireRange(timeout, ActionLimits.MinTimeoutMilliseconds, (long)options.MaxTimeout.TotalMilliseconds, "duration", " milliseconds");
        RequireRange(memory, ActionLimits.MinMemoryMegabytes, options.MaxMemoryMegabytes, "memory size", " MB");
        RequireRange(logs, 0, ActionLimits.MaxLogsMegabytes, "log size", " MB");
        RequireRange(concurrency, 1, 1, "concurrency", "");
        if (instances is < 0 || instances > options.MaxInFlight)
            throw new ApiException(400, $"Max action instance concurrency must not exceed your namespace concurrency of {options.MaxInFlight}.");
        return new ActionLimits((int)timeout, (int)memory, (int)logs, (int)concurrency, (int?)instances);
    }

    private static void RequireRange(long value, long min, long max, string what, string unit)
    {
        if (value > max)
            throw new ApiException(400, $"requirement failed: {what} {value}{unit} exceeds allowed threshold of {max}{unit}");
        if (value < min)
            throw new ApiException(400, $"requirement failed: {what} {value}{unit} below allowed threshold of {min}{unit}");
    }
}
