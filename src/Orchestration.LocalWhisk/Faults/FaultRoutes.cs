using System.Text.Json;
using Orchestration.LocalWhisk.Http;

namespace Orchestration.LocalWhisk.Faults;

/// <summary><c>/local/faults</c>: shows and changes what goes wrong while the server runs.</summary>
internal sealed class FaultRoutes(FaultPlan plan)
{
    private const int MaxBodyBytes = 64 * 1024;

    public async Task HandleAsync(Call call)
    {
        switch (call.Method)
        {
            case "GET":
                break;
            case "PUT":
                plan.Set(Parse(await Body.ReadAsync(call.Request, MaxBodyBytes, call.Context.RequestAborted)));
                break;
            case "DELETE":
                plan.Set([]);
                break;
            default:
                throw ApiException.BadMethod("DELETE, GET, PUT");
        }
        await call.ReplyAsync(200, writer =>
        {
            writer.WriteStartArray();
            foreach (var (fault, times) in plan.Snapshot())
            {
                writer.WriteStartObject();
                writer.WriteString("fault"u8, fault.ToString());
                writer.WriteNumber("times"u8, times);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        });
    }

    private static List<Fault> Parse(byte[] body)
    {
        try
        {
            return [.. (JsonSerializer.Deserialize<string[]>(body) ?? []).Select(Fault.Parse)];
        }
        catch (JsonException)
        {
            throw ApiException.BadContent("""a list of faults was expected, such as ["drop-record=5", "slow=20:500ms"]""");
        }
        catch (LocalWhiskException e)
        {
            throw ApiException.BadContent(e.Message);
        }
    }
}
