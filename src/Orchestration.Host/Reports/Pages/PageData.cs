using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Reports;
using Orchestration.Core.Retries;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Reports.Pages;

/// <summary>What the page's script shows: a JSON text that may stand in a <c>script</c> element. Lists instead of objects with names, as there may be tens of thousands.</summary>
internal static class PageData
{
    // With more actions, what they were called with and returned is cut shorter.
    private const int FewActions = 1000;
    private const int MostOfFew = 4000;
    private const int MostOfMany = 200;
    private const int MostError = 20_000;

    // The default encoder escapes <, > and &, so that nothing ends the element.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.Default };

    public static string Write(OrchestrationReport report)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Options))
            Write(writer, report);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, OrchestrationReport report)
    {
        var steps = report.Actions.Select(a => a.Step).Distinct().ToList();
        var stepOf = steps.Select((s, i) => (s, i)).ToDictionary(p => p.s, p => p.i);
        var counts = report.Actions.GroupBy(a => a.Step).ToDictionary(g => g.Key, g => g.Count());
        var outcomes = Enum.GetValues<AttemptOutcome>();
        var most = report.Actions.Length <= FewActions ? MostOfFew : MostOfMany;
        writer.WriteStartObject();
        writer.WriteNumber("total", Milliseconds(report.TimeTaken));
        Texts(writer, "steps", steps);
        writer.WriteStartArray("single");
        foreach (var step in steps)
            writer.WriteBooleanValue(counts[step] == 1);
        writer.WriteEndArray();
        Texts(writer, "outcomes", outcomes.Select(AttemptOutcomes.NameOf));
        writer.WriteStartArray("actions");
        foreach (var action in report.Actions)
            Write(writer, report, action, stepOf[action.Step], outcomes, most);
        writer.WriteEndArray();
        var place = new Dictionary<ActionId, int>();
        for (var i = 0; i < report.Actions.Length; i++)
            place.TryAdd(report.Actions[i].Id, i);
        writer.WriteStartArray("objects");
        foreach (var found in report.Objects)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(found.Object.Value);
            Time(writer, found.PutTime, report);
            Time(writer, found.GetTime, report);
            Number(writer, found.PutSize);
            Number(writer, found.GetSize);
            Places(writer, found.Writers, place);
            Places(writer, found.Readers, place);
            writer.WriteEndArray();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, OrchestrationReport report, ActionReport action, int step, AttemptOutcome[] outcomes, int most)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(step);
        writer.WriteNumberValue(action.Index);
        writer.WriteStringValue(action.Name);
        if (action.Success is { } success)
            writer.WriteBooleanValue(success);
        else
            writer.WriteNullValue();
        writer.WriteNumberValue(action.BytesRead);
        writer.WriteNumberValue(action.BytesWritten);
        Text(writer, action.Error, MostError);
        writer.WriteStartArray();
        foreach (var attempt in action.Attempts)
        {
            writer.WriteStartArray();
            Time(writer, attempt.Start, report);
            Time(writer, attempt.End, report);
            writer.WriteNumberValue(Milliseconds(attempt.Queued));
            writer.WriteNumberValue(Milliseconds(attempt.WaitedForGrant));
            if (attempt.Outcome is { } outcome)
                writer.WriteNumberValue(Array.IndexOf(outcomes, outcome));
            else
                writer.WriteNullValue();
            if (attempt.Cause is { } cause)
                writer.WriteStringValue(string.Join('\n', cause.Recovers.Select(o => o.Value).DefaultIfEmpty("an input came out different")));
            else
                writer.WriteNullValue();
            Text(writer, attempt.Error, MostError);
            writer.WriteStringValue(attempt.ActivationId);
            writer.WriteEndArray();
        }
        writer.WriteEndArray();
        Text(writer, action.Body, most);
        Text(writer, action.Result, most);
        writer.WriteStringValue(action.Id.Value);
        writer.WriteEndArray();
    }

    private static void Texts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    private static void Text(Utf8JsonWriter writer, JsonBytes value, int most)
    {
        if (value.Kind == JsonValueKind.Null)
        {
            writer.WriteNullValue();
            return;
        }
        var text = Redaction.Of(value.ToString());
        writer.WriteStringValue(text.Length <= most ? text : text[..most] + "…");
    }

    private static void Time(Utf8JsonWriter writer, DateTimeOffset? time, OrchestrationReport report)
    {
        if (time is { } moment)
            writer.WriteNumberValue(Milliseconds(moment - report.StartedAt));
        else
            writer.WriteNullValue();
    }

    private static void Number(Utf8JsonWriter writer, long? number)
    {
        if (number is { } value)
            writer.WriteNumberValue(value);
        else
            writer.WriteNullValue();
    }

    private static void Places(Utf8JsonWriter writer, IEnumerable<ActionId> actions, Dictionary<ActionId, int> place)
    {
        writer.WriteStartArray();
        foreach (var action in actions)
            writer.WriteNumberValue(place[action]);
        writer.WriteEndArray();
    }

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 1);
}
