using System.Text.Json;
using Orchestration.Host.Settings;

namespace Orchestration.Host.Reports;

/// <summary>Charges as JSON, beside the costs that were computed with them.</summary>
internal static class PriceJson
{
    public static void Write(Utf8JsonWriter writer, PriceChoice prices)
    {
        writer.WriteStartObject("charges");
        writer.WriteNumber("compute", prices.Prices.Compute);
        writer.WriteNumber("orchestration", prices.Prices.Orchestration);
        writer.WriteNumber("storage", prices.Prices.Storage);
        writer.WriteString("currency", prices.Currency);
        writer.WriteString("source", prices.Source);
        writer.WriteEndObject();
    }
}
