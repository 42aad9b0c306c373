using System.Collections.Immutable;
using Orchestration.Actors.Journal;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Pipelines;
using Orchestration.Core.State;

namespace Orchestration.Actors.Orchestrators;

/// <summary>Reads results of ended batches back from the journal, where alone they live.</summary>
internal static class ResultLoader
{
    public static async Task<ImmutableDictionary<int, IReadOnlyList<ActionResult>>> LoadAllAsync(JournalReader journal, OrchestrationId id, IReadOnlyList<BatchState> batches)
    {
        var all = ImmutableDictionary.CreateBuilder<int, IReadOnlyList<ActionResult>>();
        foreach (var batch in batches)
            all[batch.Number] = await LoadAsync(journal, id, batch);
        return all.ToImmutable();
    }

    public static async Task<IReadOnlyList<ActionResult>> LoadAsync(JournalReader journal, OrchestrationId id, BatchState batch)
    {
        var results = new ActionResult[batch.Actions.Count];
        if (results.Length == 0)
            return results;
        await foreach (var row in journal.ReadAsync(id, batch.Actions.Min(a => a.DoneAt), batch.Actions.Max(a => a.DoneAt)))
        {
            foreach (var fact in row.Commit.Facts)
            {
                if (fact is AttemptSucceeded s && s.Batch == batch.Number)
                    results[s.Index] = new ActionResult(batch.Actions[s.Index].Id, true, s.Result, null);
                else if (fact is AttemptFailed { IsFinal: true } f && f.Batch == batch.Number)
                    results[f.Index] = new ActionResult(batch.Actions[f.Index].Id, false, JsonBytes.Null, f.Failure);
                else if (fact is InputsLost l && l.Batch == batch.Number)
                    results[l.Index] = new ActionResult(batch.Actions[l.Index].Id, false, JsonBytes.Null, l.Failure);
                else if (fact is ActionsClosed c && c.Batch == batch.Number)
                    foreach (var index in c.Indexes())
                        results[index] = new ActionResult(batch.Actions[index].Id, false, JsonBytes.Null, c.Failure);
            }
        }

        return Array.TrueForAll(results, r => r is not null)
            ? results
            : throw new InvalidDataException($"the journal lacks results of batch '{batch.Key}'; rows of {id} were removed.");
    }
}
