using System.Text;
using Orchestration.Core.Serialization;
using Orchestration.Core.State;

namespace Orchestration.Core.Tests.Support;

/// <summary>A whole state as text: what is stored of it, and the indexes that are rebuilt when it is read.</summary>
internal static class StateText
{
    public static string Of(OrchestrationState state)
    {
        var text = new StringBuilder();
        foreach (var piece in StateJson.Write(state))
            text.AppendLine(Encoding.UTF8.GetString(piece));
        foreach (var (key, number) in state.Keys.OrderBy(k => k.Value))
            text.AppendLine($"key {key} {number}");
        text.AppendLine($"active {string.Join(',', state.Active)}");
        text.AppendLine($"turns {string.Join(' ', state.Reruns)}");
        foreach (var batch in state.Batches)
        {
            text.AppendLine($"retries of {batch.Number}: {string.Join(' ', batch.Retries.Select(r => $"{r.Index}@{r.Due:O}"))}");
            text.AppendLine($"lines of {batch.Number}: {string.Join(' ', batch.Lines.Select(r => $"{r.Index}@{r.Due:O}"))}");
        }

        return text.ToString();
    }

    public static OrchestrationState ThroughJson(OrchestrationState state) =>
        StateJson.Read(StateJson.Write(state).Select(piece => (ReadOnlyMemory<byte>)piece));
}
