using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Orchestration.LocalWhisk.Activations;
using Orchestration.LocalWhisk.Storage;

namespace Orchestration.LocalWhisk.Http;

/// <summary><c>/api/v1/namespaces/{ns}/activations…</c></summary>
internal sealed class ActivationRoutes(ActivationStore activations)
{
    private const string Collection = "activations";
    private const int IdLength = 32;

    public Task HandleAsync(Call call, IReadOnlyList<string> path)
    {
        if (!HttpMethods.IsGet(call.Method))
            throw ApiException.BadMethod("GET");
        return path switch
        {
            [] => ListAsync(call),
            [var id] => call.ReplyAsync(200, Find(id)),
            [var id, "result"] => ReplyPartAsync(call, id, "response", static (writer, response) => response.WriteTo(writer)),
            [var id, "logs"] => ReplyPartAsync(call, id, "logs", static (writer, logs) =>
            {
                writer.WriteStartObject();
                writer.WritePropertyName("logs"u8);
                logs.WriteTo(writer);
                writer.WriteEndObject();
            }),
            _ => throw ApiException.UnknownPath(),
        };
    }

    private Task ListAsync(Call call)
    {
        var query = call.Query;
        var (limit, skip) = (query.Limit(Collection), query.Skip(Collection));
        var (since, upto) = (query.Time("since", long.MinValue), query.Time("upto", long.MaxValue));
        var (full, count) = (query.Flag("docs", otherwise: false), query.Flag("count", otherwise: false));
        var name = ReadName(query.Text("name"));
        if (count && full)
            throw new ApiException(400, "The parameter 'docs' is not permitted with 'count'.");
        if (count)
            return call.ReplyCountAsync(Collection, activations.Count(name, since, upto) - skip);
        return call.ReplyListAsync(activations.List(name, since, upto, skip, limit).Select(RecordLog.Read).OfType<byte[]>(), (writer, json) => WriteItem(writer, json, full));
    }

    private static void WriteItem(Utf8JsonWriter writer, byte[] json, bool full)
    {
        if (full)
        {
            writer.WriteRaw(json);
            return;
        }
        using var record = JsonDocument.Parse(json, JsonBytes.DocumentOptions);
        RecordJson.WriteSummary(writer, record.RootElement);
    }

    private static string? ReadName(string? name)
    {
        var parts = name?.Split('/') ?? [];
        if (parts.Length > 2 || parts.Contains(""))
            throw ApiException.BadParameter("name", $"Parameter may be a 'simple' name or 'package-name/simple' name: {name}");
        return name;
    }

    private byte[] Find(string id)
    {
        if (id.Length != IdLength)
            throw new ApiException(400, $"Activation id length is {id.Length} but must be {IdLength}.");
        if (!id.All(char.IsAsciiHexDigitLower))
            throw new ApiException(400, "The activation id is not valid.");
        return activations.Find(Guid.ParseExact(id, "N")) ?? throw ApiException.Missing();
    }

    private Task ReplyPartAsync(Call call, string id, string member, Action<Utf8JsonWriter, JsonElement> write)
    {
        using var record = JsonDocument.Parse(Find(id), JsonBytes.DocumentOptions);
        var part = record.RootElement.GetProperty(member);
        return call.ReplyAsync(200, JsonBytes.Build((part, write), static (writer, x) => x.write(writer, x.part)));
    }
}
