using System.Diagnostics;

namespace Orchestration.Actors.Telemetry;

/// <summary>What this project calls its telemetry, for <c>AddSource</c> and <c>AddMeter</c> of OpenTelemetry.</summary>
public static class OrchestrationTelemetry
{
    /// <summary>The name of the source of traces and of the meter.</summary>
    public const string Name = "Orchestration";

    internal static ActivitySource Source { get; } = new(Name);
}
