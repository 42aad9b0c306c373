using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Orchestration.Actors.Client;
using Orchestration.Core.Json;
using Orchestration.Core.Ports;
using Orchestration.Host.Terminals;
using Orchestration.OpenWhisk;
using Orchestration.Workflows;

namespace Orchestration.Host.Api;

/// <summary>Turns what a request throws into a problem document (RFC 9457) with a <c>code</c> member for programs.</summary>
internal static class Problems
{
    /// <summary>Runs a request and answers for it when it fails.</summary>
    public static async Task AnswerAsync(HttpContext context, Func<Task> request, ILogger log)
    {
        try
        {
            await request();
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller is gone.
        }
#pragma warning disable CA1031 // The last word on a request: whatever happens, the caller is told and the others go on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            var (status, code, message) = Explain(e);
            if (status == 500)
                log.LogError(e, "A request of the API failed: {Problem}", e.Message);
            if (context.Response.HasStarted)
                context.Abort();
            else
                await WriteAsync(context, status, code, message);
        }
    }

    private static Task WriteAsync(HttpContext context, int status, string code, string message)
    {
        context.Response.StatusCode = status;
        return ApiJson.SendAsync(context, JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", "about:blank");
            writer.WriteString("title", ReasonPhrases.GetReasonPhrase(status));
            writer.WriteNumber("status", status);
            writer.WriteString("detail", message);
            writer.WriteString("code", code);
            writer.WriteEndObject();
        }), "application/problem+json");
    }

    private static (int Status, string Code, string Message) Explain(Exception e) => e switch
    {
        ApiException api => (api.Status, api.Code, api.Message),
        OrchestrationException refusal => (StatusOf(refusal.Code), refusal.Code, refusal.Message),
        WorkflowException => (400, "BAD_WORKFLOW", e.Message),
        JsonException or FormatException => (400, "BAD_REQUEST", $"The request cannot be read: {e.Message}"),
        BadHttpRequestException bad => (bad.StatusCode, bad.StatusCode == 413 ? "TOO_LARGE" : "BAD_REQUEST", e.Message),
        CommandException { ExitCode: ExitCodes.Usage } => (404, "NOT_FOUND", e.Message),
        OpenWhiskException => (502, "OPENWHISK", e.Message),
        ObjectStoreException => (502, "OBJECT_STORE", e.Message),
        _ => (500, "INTERNAL", $"An unexpected failure: {e.Message} ({e.GetType().Name})."),
    };

    private static int StatusOf(string code) => code switch
    {
        "NOT_STARTED" or "NO_BATCH" => 404,
        "SECRET_MISSING" => 422,
        "BUSY" or "NO_ANSWER" or "STOPPED" => 503,
        "STORAGE" => 500,
        _ when code.StartsWith("BAD_", StringComparison.Ordinal) => 400,
        "TOO_LARGE" => 413,
        _ => 409,
    };
}
