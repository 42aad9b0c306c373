using System.Collections.Immutable;
using System.Text.Json;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Recovery;
using Orchestration.Core.State;

namespace Orchestration.Core.Serialization;

/// <summary>
/// State as a list of pieces, each near 1 MB at most, so that no stored document grows with the orchestration. A piece is a JSON array of
/// records: the orchestration, then each batch followed by its actions.
/// </summary>
public static class StateJson
{
    private const int PieceBytes = 900_000;

    /// <summary>Writes a state.</summary>
    /// <param name="state">The state.</param>
    /// <returns>UTF-8 JSON texts, in order, at least one.</returns>
    public static IEnumerable<byte[]> Write(OrchestrationState state)
    {
        using var output = JsonOutput.Take();
        var writer = output.Writer;
        writer.WriteStartArray();
        WriteHead(writer, state);
        foreach (var batch in state.Batches)
        {
            WriteBatch(writer, batch);
            foreach (var action in batch.Actions)
            {
                WriteAction(writer, action);
                if (Full(output) is { } piece)
                    yield return piece;
            }
        }

        foreach (var (key, written) in state.Written.All.OrderBy(w => w.Key))
        {
            WriteObject(writer, key, written, state.Chases.GetValueOrDefault(key));
            if (Full(output) is { } piece)
                yield return piece;
        }

        foreach (var (key, chases) in state.Chases.Where(c => !state.Written.All.ContainsKey(c.Key)).OrderBy(c => c.Key))
        {
            WriteObject(writer, key, null, chases);
            if (Full(output) is { } piece)
                yield return piece;
        }

        writer.WriteEndArray();
        yield return output.ToArray();
    }

    private static byte[]? Full(JsonOutput output)
    {
        if (output.Length < PieceBytes)
            return null;
        output.Writer.WriteEndArray();
        var piece = output.ToArray();
        output.Writer.WriteStartArray();
        return piece;
    }

    /// <summary>Reads a state.</summary>
    /// <param name="pieces">What <see cref="Write"/> gave, in order and complete.</param>
    /// <returns>The state.</returns>
    /// <exception cref="FormatException">A newer version wrote it, or it is damaged.</exception>
    public static OrchestrationState Read(IEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        try
        {
            var state = OrchestrationState.Empty;
            var batches = new List<BatchState>();
            var actions = new List<ImmutableList<ActionState>.Builder>();
            foreach (var piece in pieces)
            {
                using var document = JsonDocument.Parse(piece);
                foreach (var record in document.RootElement.EnumerateArray())
                {
                    switch (record.Text("r"))
                    {
                        case "orchestration":
                            state = ReadHead(record);
                            break;
                        case "batch":
                            batches.Add(ReadBatch(record));
                            actions.Add(ImmutableList.CreateBuilder<ActionState>());
                            break;
                        case "action":
                            actions[^1].Add(ReadAction(record));
                            break;
                        case "object":
                            state = ReadObject(state, record);
                            break;
                        case var kind:
                            throw new FormatException($"'{kind}' is no state record known to this version; the data was written by a newer one.");
                    }
                }
            }

            return Assemble(state, batches, actions);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentOutOfRangeException or OverflowException)
        {
            throw new FormatException($"The stored state cannot be read: {e.Message}", e);
        }
    }

    private static OrchestrationState Assemble(OrchestrationState state, List<BatchState> batches, List<ImmutableList<ActionState>.Builder> actions)
    {
        for (var i = 0; i < batches.Count; i++)
        {
            var all = actions[i].ToImmutable();
            var waiting = batches[i].Sealed && !batches[i].Ended
                ? all.Select((a, index) => (a, index)).Where(x => x.a.Phase == ActionPhase.Waiting && x.index < batches[i].NextFresh).ToLookup(x => x.a.Spec!.Writes.IsEmpty, x => (x.a.ReadyAt, x.index))
                : null;
            batches[i] = batches[i] with { Actions = all, Retries = [.. waiting?[true] ?? []], Lines = [.. waiting?[false] ?? []] };
        }

        return state with
        {
            Batches = [.. batches],
            Keys = batches.Where(b => b.Sealed && !b.Recovery).ToImmutableDictionary(b => b.Key!, b => b.Number),
            Active = [.. batches.Where(b => b.Sealed && !b.Ended).Select(b => b.Number)],
            Dependents = Dependents(batches),
            Reruns = state.Ended ? [] : [.. batches.Where(b => b.Sealed && !b.Ended && b.Recovery).SelectMany(b => b.Actions
                .Select((a, index) => (Action: a, Index: index)).Where(x => RecoveryFold.TakesTurn(x.Action)).Select(x => new Place(b.Number, x.Index)))],
        };
    }

    private static ImmutableDictionary<Place, ImmutableList<Place>> Dependents(List<BatchState> batches)
    {
        var dependents = new Dictionary<Place, ImmutableList<Place>.Builder>();
        foreach (var batch in batches)
        {
            var index = 0;
            foreach (var action in batch.Actions)
            {
                foreach (var before in action.After)
                {
                    if (!dependents.TryGetValue(before, out var waiting))
                        dependents.Add(before, waiting = ImmutableList.CreateBuilder<Place>());
                    waiting.Add(new Place(batch.Number, index));
                }

                index++;
            }
        }

        return dependents.ToImmutableDictionary(d => d.Key, d => d.Value.ToImmutable());
    }

    private static void WriteHead(Utf8JsonWriter writer, OrchestrationState state)
    {
        writer.WriteStartObject();
        writer.WriteString("r", "orchestration");
        writer.WriteNumber("status", (int)state.Status);
        if (state.Started is { } started)
        {
            writer.WritePropertyName("started");
            FactWriter.Write(writer, started);
        }

        writer.WriteOptional("owner", state.Owner);
        writer.WriteNumber("epoch", state.Epoch);
        writer.WriteJson("output", state.Output);
        if (state.Failure is { } failure)
            FactWriter.Write(writer, failure);
        writer.WriteOptional("endedAt", state.EndedAt);
        writer.WriteTexts("skipped", [.. state.Skipped.Order(StringComparer.Ordinal)], s => s);
        writer.WriteTexts("changed", [.. state.Changed], c => c.Value);
        writer.WriteOptional("jobs", state.Jobs);
        writer.WriteEndObject();
    }

    private static OrchestrationState ReadHead(JsonElement json) => new()
    {
        Status = (OrchestrationStatus)json.Int("status"),
        Started = json.TryGetProperty("started", out var started) ? (OrchestrationStarted)FactReader.Read(started) : null,
        Owner = json.TextOrNull("owner"),
        Epoch = json.Int("epoch"),
        Output = json.Json("output"),
        Failure = json.TryGetProperty("failure", out _) ? FactReader.ReadFailure(json) : null,
        EndedAt = json.TimeOrNull("endedAt"),
        Skipped = [.. json.Texts("skipped", s => s)],
        Changed = [.. json.Texts("changed", ObjectKey.Parse)],
        Jobs = json.IntOrZero("jobs"),
    };

    private static void WriteBatch(Utf8JsonWriter writer, BatchState batch)
    {
        writer.WriteStartObject();
        writer.WriteString("r", "batch");
        writer.WriteNumber("number", batch.Number);
        writer.WriteOptional("key", batch.Key);
        writer.WriteOptional("hash", batch.Hash);
        writer.WritePropertyName("options");
        SpecJson.Write(writer, batch.Options);
        writer.WriteBoolean("sealed", batch.Sealed);
        writer.WriteBoolean("ended", batch.Ended);
        if (batch.Recovery)
            writer.WriteBoolean("recovery", true);
        writer.WriteOptional("nextFresh", batch.NextFresh);
        writer.WriteOptional("running", batch.Running);
        writer.WriteOptional("succeeded", batch.Succeeded);
        writer.WriteOptional("failed", batch.Failed);
        writer.WriteOptional("deadline", batch.Deadline);
        writer.WriteOptional("collected", batch.Collected?.Value);
        writer.WriteEndObject();
    }

    private static BatchState ReadBatch(JsonElement json) => new()
    {
        Number = json.Int("number"),
        Key = json.TextOrNull("key"),
        Hash = json.TextOrNull("hash"),
        Options = SpecJson.ReadOptions(json.GetProperty("options")),
        Sealed = json.Flag("sealed"),
        Ended = json.Flag("ended"),
        Recovery = json.Flag("recovery"),
        NextFresh = json.IntOrZero("nextFresh"),
        Running = json.IntOrZero("running"),
        Succeeded = json.IntOrZero("succeeded"),
        Failed = json.IntOrZero("failed"),
        Deadline = json.TimeOrNull("deadline"),
        Collected = json.TextOrNull("collected") is { } collected ? ObjectKey.Parse(collected) : null,
    };

    private static void WriteObject(Utf8JsonWriter writer, ObjectKey key, WrittenObject? written, int chases)
    {
        writer.WriteStartObject();
        writer.WriteString("r", "object");
        writer.WriteString("object", key.Value);
        if (written is { } by)
        {
            SpecJson.Write(writer, "by", [by.By]);
            writer.WriteNumber("size", by.Size);
            writer.WriteOptional("etag", by.ETag);
        }

        writer.WriteOptional("chases", chases);
        writer.WriteEndObject();
    }

    private static OrchestrationState ReadObject(OrchestrationState state, JsonElement json)
    {
        var key = ObjectKey.Parse(json.Text("object"));
        if (SpecJson.ReadPlaces(json, "by") is [var by])
            state = state with { Written = state.Written.With(key, new WrittenObject(by, json.GetProperty("size").GetInt64(), json.TextOrNull("etag"))) };
        return json.IntOrZero("chases") is > 0 and var chases ? state with { Chases = state.Chases.Add(key, chases) } : state;
    }

    private static void WriteAction(Utf8JsonWriter writer, ActionState action)
    {
        writer.WriteStartObject();
        writer.WriteString("r", "action");
        writer.WriteString("id", action.Id.Value);
        if (action.Spec is { } spec)
        {
            writer.WritePropertyName("spec");
            SpecJson.Write(writer, spec);
        }

        writer.WriteOptional("phase", (int)action.Phase);
        writer.WriteOptional("attempts", action.Attempts);
        writer.WriteOptional("retriesUsed", action.RetriesUsed);
        writer.WriteOptional("pushbacks", action.Pushbacks);
        writer.WriteOptional("crashes", action.Crashes);
        writer.WriteOptional("activationId", action.ActivationId);
        writer.WriteOptional("firstStart", action.FirstStart);
        if (action.Attempts > 0)
            writer.WriteString("lastStart", action.LastStart);
        writer.WriteString("readyAt", action.ReadyAt);
        if (action.DoneAt != 0)
            writer.WriteNumber("doneAt", action.DoneAt);
        writer.WriteTexts("lost", action.Lost, l => l.Value);
        SpecJson.Write(writer, "after", action.After);
        writer.WriteOptional("foundThere", action.FoundThere);
        if (action.Cut)
            writer.WriteBoolean("cut", true);
        SpecJson.Write(writer, action.Fencing);
        writer.WriteOptional("abandoned", action.AbandonedActivation);
        writer.WriteEndObject();
    }

    private static ActionState ReadAction(JsonElement json) => new()
    {
        Id = ActionId.Parse(json.Text("id")),
        Spec = json.TryGetProperty("spec", out var spec) ? SpecJson.ReadSpec(spec) : null,
        Phase = (ActionPhase)json.IntOrZero("phase"),
        Attempts = json.IntOrZero("attempts"),
        RetriesUsed = json.IntOrZero("retriesUsed"),
        Pushbacks = json.IntOrZero("pushbacks"),
        Crashes = json.IntOrZero("crashes"),
        ActivationId = json.TextOrNull("activationId"),
        FirstStart = json.TimeOrNull("firstStart"),
        LastStart = json.TimeOrNull("lastStart") ?? default,
        ReadyAt = json.Time("readyAt"),
        DoneAt = json.TryGetProperty("doneAt", out var at) ? at.GetInt64() : 0,
        Lost = json.Texts("lost", ObjectKey.Parse),
        After = SpecJson.ReadPlaces(json, "after"),
        FoundThere = json.IntOrZero("foundThere"),
        Cut = json.Flag("cut"),
        Fencing = SpecJson.ReadFencing(json),
        AbandonedActivation = json.TextOrNull("abandoned"),
    };
}
