using System.Text;
using Microsoft.Data.Sqlite;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Persistence.Sqlite.Storage;

namespace Orchestration.Persistence.Sqlite.Catalogs;

/// <summary>What is asked of the catalog.</summary>
internal static class CatalogQueries
{
    public const string CursorSql = "SELECT coalesce((SELECT sequence_nr FROM cursors WHERE orch_id = $0), 0)";

    private const string RunsSql = """
        SELECT orch_id, name, status, started_at, finished_at, actions, succeeded, failed, attempts, action_time_taken, error
        FROM runs
        WHERE ($0 IS NULL OR substr(orch_id, 1, length($0)) = lower($0)) AND ($1 IS NULL OR name = $1) AND ($2 IS NULL OR status = $2)
        ORDER BY started_at DESC, orch_id DESC LIMIT $3
        """;

    private const string WriterSql = """
        SELECT asked.value, (
            SELECT o.orch_id FROM objects o JOIN attempts a USING (orch_id, batch, position, attempt)
            WHERE o.object = asked.value AND o.access = 'write' AND a.outcome = 'success'
            ORDER BY o.time DESC LIMIT 1)
        FROM json_each($0) asked
        """;

    public static Dictionary<ObjectKey, ObjectWriter> Writers(SqliteConnection connection, IEnumerable<ObjectKey> keys)
    {
        using var command = SqliteText.Prepare(connection, WriterSql, 1);
        var asked = Encoding.UTF8.GetString(JsonBytes.Write(writer =>
        {
            writer.WriteStartArray();
            foreach (var key in keys)
                writer.WriteStringValue(key.Value);
            writer.WriteEndArray();
        }).Utf8.Span);
        using var reader = command.With(asked).ExecuteReader();
        var writers = new Dictionary<ObjectKey, ObjectWriter>();
        while (reader.Read())
            if (!reader.IsDBNull(1))
                writers[ObjectKey.Parse(reader.GetString(0))] = new ObjectWriter(OrchestrationId.Parse(reader.GetString(1)), null);
        return writers;
    }

    public static long Cursor(SqliteConnection connection, OrchestrationId id)
    {
        using var command = SqliteText.Prepare(connection, CursorSql, 1);
        return (long)command.With(id.Value).ExecuteScalar()!;
    }

    public static List<RunSummary> Runs(SqliteConnection connection, RunQuery query)
    {
        using var command = SqliteText.Prepare(connection, RunsSql, 4);
        using var reader = command
            .With(CatalogText.OrNull(query.IdPrefix), CatalogText.OrNull(query.Name), CatalogText.OrNull(query.Status), Math.Max(query.Limit, 0))
            .ExecuteReader();
        var runs = new List<RunSummary>();
        while (reader.Read())
        {
            runs.Add(new RunSummary(
                OrchestrationId.Parse(reader.GetString(0)),
                reader.GetString(1),
                reader.GetString(2),
                CatalogText.Time(reader.GetString(3)),
                reader.IsDBNull(4) ? null : CatalogText.Time(reader.GetString(4)),
                reader.GetInt32(5),
                reader.GetInt32(6),
                reader.GetInt32(7),
                reader.GetInt32(8),
                reader.GetDouble(9),
                reader.IsDBNull(10) ? null : reader.GetString(10)));
        }

        return runs;
    }
}
