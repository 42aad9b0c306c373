using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestration.Core.Json;
using Orchestration.Workflows;

namespace Orchestration.Host.Api.Workflows;

/// <summary>The routes of workflows; <c>docs/api.md</c> describes them.</summary>
/// <param name="workflows">The workflows that are kept here.</param>
internal sealed class WorkflowRoutes(StoredWorkflows workflows)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/workflows");
        group.MapPost("/validate", (RequestDelegate)ValidateAsync);
        group.MapGet("", (RequestDelegate)ListAsync);
        group.MapGet("/{name}", (RequestDelegate)ShowAsync);
        group.MapPut("/{name}", (RequestDelegate)PutAsync);
        group.MapDelete("/{name}", (RequestDelegate)RemoveAsync);
    }

    private static async Task ValidateAsync(HttpContext context)
    {
        var body = await ApiJson.ReadAsync(context);
        await ApiJson.SendAsync(context, Describe(null, WorkflowFile.Parse(Source(body), body.Text("fileName") ?? "workflow"), withSource: false));
    }

    private async Task ListAsync(HttpContext context)
    {
        var names = await workflows.ListAsync(context.RequestAborted);
        await ApiJson.SendAsync(context, JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            Texts(writer, "workflows", names);
            writer.WriteEndObject();
        }));
    }

    private async Task ShowAsync(HttpContext context)
    {
        var name = Name(context);
        await ApiJson.SendAsync(context, Describe(name, WorkflowFile.Parse(await workflows.ReadAsync(name, context.RequestAborted), name), withSource: true));
    }

    private async Task PutAsync(HttpContext context)
    {
        var name = Name(context);
        await ApiJson.SendAsync(context, Describe(name, await workflows.PutAsync(name, Source(await ApiJson.ReadAsync(context)), context.RequestAborted), withSource: false));
    }

    private async Task RemoveAsync(HttpContext context)
    {
        await workflows.RemoveAsync(Name(context), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static string Name(HttpContext context) => (string)context.Request.RouteValues["name"]!;

    private static string Source(JsonElement body) => body.Text("workflow") ?? throw new FormatException("'workflow' is missing; it takes the text of a workflow file.");

    private static JsonBytes Describe(string? name, WorkflowFile workflow, bool withSource) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        if (name is not null)
            writer.WriteString("workflowName", name);
        writer.WriteString("name", workflow.Name);
        writer.WriteStartArray("params");
        foreach (var parameter in workflow.Parameters)
        {
            writer.WriteStartObject();
            writer.WriteString("name", parameter.Name);
            writer.WriteBoolean("required", parameter.Default is null);
            if (parameter.Default is { } value)
                writer.WriteJson("default", value);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        Texts(writer, "secrets", workflow.Secrets);
        Texts(writer, "actions", workflow.Steps.Select(s => s.Action).Distinct());
        Texts(writer, "steps", workflow.Steps.Select(s => s.Id));
        if (withSource)
            writer.WriteString("workflow", workflow.Source);
        writer.WriteEndObject();
    });

    private static void Texts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
