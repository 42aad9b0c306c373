using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;

namespace Orchestration.Host.Api.Runs;

/// <summary>The body of a start.</summary>
/// <param name="Workflow">The workflow's text; null when it is one that is kept here, or the client makes the batches.</param>
/// <param name="WorkflowName">The name of a workflow that is kept here; null for none.</param>
/// <param name="FileName">What to call the text in errors.</param>
/// <param name="Directory">The folder of this machine that paths of its actions are relative to; null for the process's own.</param>
/// <param name="Name">The run's name; null for the workflow's.</param>
/// <param name="Id">The run's id; null draws one.</param>
/// <param name="Parameters">Values of the workflow's parameters.</param>
/// <param name="ClientData">What the client keeps with the run.</param>
/// <param name="ApiHost">The OpenWhisk that it is for; null for whichever the process has.</param>
/// <param name="AuthHash">SHA-256 of the credentials that it is for, in hexadecimal digits; null for whichever the process has.</param>
internal sealed record StartBody(
    string? Workflow, string? WorkflowName, string FileName, string? Directory, string? Name, OrchestrationId? Id, Dictionary<string, JsonBytes> Parameters, JsonBytes ClientData, string? ApiHost, string? AuthHash)
{
    private const int LongestKey = 200;

    /// <summary>What makes this and its repetitions one start; null for nothing.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>SHA-256 of the whole body, in hexadecimal digits.</summary>
    public required string Hash { get; init; }

    /// <summary>Reads the body.</summary>
    /// <exception cref="FormatException">A member is missing or of another kind, or two do not go together.</exception>
    public static StartBody Read(JsonElement body)
    {
        var start = new StartBody(
            body.Text("workflow"),
            body.Text("workflowName"),
            body.Text("fileName") ?? "workflow",
            body.Text("directory"),
            body.Text("name"),
            body.Text("orchId") is not { } id ? null
                : OrchestrationId.TryParse(id, out var parsed) ? parsed
                : throw new FormatException("'orchId' takes 24 hexadecimal digits."),
            body.Members("params"),
            body.Member("clientData") is { } data ? JsonBytes.From(data) : JsonBytes.Null,
            body.Text("apiHost"),
            body.Text("authSha256"))
        {
            IdempotencyKey = body.Text("idempotencyKey"),
            Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body.GetRawText()))),
        };
        return start switch
        {
            { Workflow: not null, WorkflowName: not null } => throw new FormatException("'workflow' and 'workflowName' are both given: give the text of a workflow file, or the name of one that is kept here."),
            { Workflow: null, WorkflowName: null, Name: null or "" } =>
                throw new FormatException("'workflow' and 'name' are missing: give the text of a workflow file, the name of one that is kept here as 'workflowName', or the name of a run whose batches you make."),
            { IdempotencyKey: { Length: 0 or > LongestKey } } => throw new FormatException($"'idempotencyKey' takes 1 to {LongestKey} characters."),
            { IdempotencyKey: not null, Id: not null } => throw new FormatException("'idempotencyKey' and 'orchId' are both given, and either makes repetitions one start. Leave one of them out."),
            _ => start,
        };
    }
}
