using Orchestration.LocalWhisk.Actions;
using Orchestration.LocalWhisk.Running;

namespace Orchestration.LocalWhisk.Http;

/// <summary>What the server says about itself.</summary>
internal sealed class InfoRoutes(LocalWhiskOptions options, Runtimes runtimes, Invoker invoker)
{
    private const long Megabyte = 1024 * 1024;

    private long MaxTimeout => (long)options.MaxTimeout.TotalMilliseconds;

    public Task ControllerAsync(Call call) => call.ReplyAsync(200, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("description"u8, "OpenWhisk"u8);
        writer.WriteStartObject("support"u8);
        writer.WriteString("github"u8, "https://github.com/apache/openwhisk/issues"u8);
        writer.WriteEndObject();
        writer.WriteStartArray("api_paths"u8);
        writer.WriteStringValue("/api/v1"u8);
        writer.WriteEndArray();
        writer.WriteStartObject("limits"u8);
        writer.WriteNumber("actions_per_minute"u8, options.InvocationsPerMinute ?? int.MaxValue);
        writer.WriteNumber("triggers_per_minute"u8, 0);
        writer.WriteNumber("concurrent_actions"u8, options.MaxInFlight);
        writer.WriteNumber("sequence_length"u8, SequenceCheck.MaxLength);
        foreach (var prefix in (ReadOnlySpan<string>)["", "default_"])
        {
            writer.WriteNumber(prefix + "min_action_duration", ActionLimits.MinTimeoutMilliseconds);
            writer.WriteNumber(prefix + "max_action_duration", MaxTimeout);
            writer.WriteNumber(prefix + "min_action_memory", ActionLimits.MinMemoryMegabytes * Megabyte);
            writer.WriteNumber(prefix + "max_action_memory", options.MaxMemoryMegabytes * Megabyte);
            writer.WriteNumber(prefix + "min_action_logs", 0);
            writer.WriteNumber(prefix + "max_action_logs", ActionLimits.MaxLogsMegabytes * Megabyte);
        }
        writer.WriteEndObject();
        writer.WritePropertyName("runtimes"u8);
        runtimes.Write(writer);
        writer.WriteEndObject();
    });

    public static Task ApiAsync(Call call) => call.ReplyAsync(200, static writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("description"u8, "OpenWhisk API"u8);
        writer.WriteString("api_version"u8, "1.0.0"u8);
        writer.WriteString("api_version_path"u8, "v1"u8);
        writer.WriteString("build"u8, "local"u8);
        writer.WriteString("buildno"u8, "local"u8);
        writer.WriteStartObject("swagger_paths"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    public static Task PingAsync(Call call) => call.ReplyAsync(200, "pong"u8.ToArray(), "text/plain; charset=UTF-8");

    public Task NamespacesAsync(Call call) => call.ReplyAsync(200, writer =>
    {
        writer.WriteStartArray();
        writer.WriteStringValue(options.Namespace);
        writer.WriteEndArray();
    });

    public Task LimitsAsync(Call call) => call.ReplyAsync(200, writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("invocationsPerMinute"u8, options.InvocationsPerMinute ?? int.MaxValue);
        writer.WriteNumber("concurrentInvocations"u8, options.MaxInFlight);
        writer.WriteNumber("firesPerMinute"u8, 0);
        writer.WriteString("minActionMemory"u8, $"{ActionLimits.MinMemoryMegabytes * Megabyte} B");
        writer.WriteString("maxActionMemory"u8, $"{options.MaxMemoryMegabytes * Megabyte} B");
        writer.WriteString("minActionLogs"u8, "0 B"u8);
        writer.WriteString("maxActionLogs"u8, $"{ActionLimits.MaxLogsMegabytes * Megabyte} B");
        writer.WriteString("minActionTimeout"u8, $"{ActionLimits.MinTimeoutMilliseconds} milliseconds");
        writer.WriteString("maxActionTimeout"u8, $"{MaxTimeout} milliseconds");
        writer.WriteNumber("minActionConcurrency"u8, 1);
        writer.WriteNumber("maxActionConcurrency"u8, 1);
        writer.WriteString("maxParameterSize"u8, $"{options.MaxPayloadBytes} B");
        writer.WriteNumber("maxActionInstances"u8, options.MaxInFlight);
        writer.WriteEndObject();
    });

    public Task MetricsAsync(Call call)
    {
        var metrics = invoker.Metrics;
        return call.ReplyAsync(200, writer =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("running"u8, metrics.Running);
            writer.WriteNumber("peakRunning"u8, metrics.PeakRunning);
            writer.WriteNumber("waiting"u8, metrics.Waiting);
            writer.WriteStartObject("perAction"u8);
            foreach (var (name, action) in metrics.PerAction)
            {
                writer.WriteStartObject(name);
                writer.WriteNumber("running"u8, action.Running);
                writer.WriteNumber("peakRunning"u8, action.PeakRunning);
                writer.WriteNumber("invocations"u8, action.Invocations);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
            writer.WriteEndObject();
        });
    }
}
