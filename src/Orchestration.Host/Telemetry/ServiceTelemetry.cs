using System.Collections;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Orchestration.Actors.Telemetry;
using Orchestration.Host.Api.Runs;

namespace Orchestration.Host.Telemetry;

/// <summary>
/// What a service tells monitoring: metrics for Prometheus, and traces and metrics to an OpenTelemetry collector when the environment names one. The variables are those of the
/// OpenTelemetry specification: https://opentelemetry.io/docs/specs/otel/protocol/exporter/.
/// </summary>
internal static class ServiceTelemetry
{
    private const string Prefix = "OTEL_";
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    // How HttpClient calls its spans: https://learn.microsoft.com/dotnet/core/diagnostics/distributed-tracing-builtin-activities.
    private const string Requests = "System.Net.Http";

    /// <summary>Adds it to the API's application.</summary>
    public static void AddTo(WebApplicationBuilder builder)
    {
        var variables = Variables();
        // The exporters read their settings here; nothing else of the environment is meant for this application.
        builder.Configuration.AddInMemoryCollection(variables);
        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService("orchestration"))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(OrchestrationTelemetry.Name, "System.Runtime").AddPrometheusExporter();
                if (IsNamed(variables, "METRICS"))
                    metrics.AddOtlpExporter();
            });
        if (IsNamed(variables, "TRACES"))
            telemetry.WithTracing(traces => traces.AddSource(OrchestrationTelemetry.Name, Requests).AddOtlpExporter());
    }

    /// <summary>Has the number of runs that go on counted until disposed.</summary>
    public static IDisposable Count(ActiveRuns active)
    {
        var meter = new Meter(OrchestrationTelemetry.Name);
        meter.CreateObservableGauge("orchestration.runs.active", () => active.All.Count, "{run}", "Orchestrations that go on in this process, those that wait among them.");
        return meter;
    }

    private static bool IsNamed(Dictionary<string, string?> variables, string kind) => variables.ContainsKey(Endpoint) || variables.ContainsKey($"OTEL_EXPORTER_OTLP_{kind}_ENDPOINT");

    private static Dictionary<string, string?> Variables() => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .Where(v => v.Value is string { Length: > 0 } && ((string)v.Key).StartsWith(Prefix, StringComparison.Ordinal)).ToDictionary(v => (string)v.Key, v => (string?)v.Value);
}
