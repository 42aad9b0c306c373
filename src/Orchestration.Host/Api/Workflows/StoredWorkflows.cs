using System.Text.RegularExpressions;
using Orchestration.Core.Ports;
using Orchestration.Host.Terminals;
using Orchestration.Workflows;
using Orchestration.Workflows.Reading;

namespace Orchestration.Host.Api.Workflows;

/// <summary>Workflows that a service keeps, to be run by name.</summary>
/// <param name="documents">Where they are.</param>
internal sealed partial class StoredWorkflows(IServiceDocuments documents)
{
    private const string Kind = "workflows";

    /// <summary>The names, in order.</summary>
    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellation) => documents.ListAsync(Kind, cancellation);

    /// <summary>Reads the text of one.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public async Task<string> ReadAsync(string name, CancellationToken cancellation) => await documents.FindAsync(Kind, Checked(name), cancellation) ?? throw await UnknownAsync(name, cancellation);

    /// <summary>Checks a workflow and keeps it; runs of one that was there before go on with that.</summary>
    /// <exception cref="WorkflowException">It has mistakes.</exception>
    public async Task<WorkflowFile> PutAsync(string name, string source, CancellationToken cancellation)
    {
        var workflow = WorkflowFile.Parse(source, Checked(name));
        await documents.PutAsync(Kind, name, source, cancellation);
        return workflow;
    }

    /// <summary>Removes one; its runs go on.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public async Task RemoveAsync(string name, CancellationToken cancellation)
    {
        if (!await documents.RemoveAsync(Kind, Checked(name), cancellation))
            throw await UnknownAsync(name, cancellation);
    }

    private async Task<ApiException> UnknownAsync(string name, CancellationToken cancellation)
    {
        var names = await ListAsync(cancellation);
        return new ApiException(404, "NO_WORKFLOW", $"There is no workflow '{name}' here{NearestName.SuggestOrStop(name, names)} Kept are: {NearestName.List(names, "none")}.");
    }

    private static string Checked(string name) => NamePattern().IsMatch(name)
        ? name
        : throw new FormatException($"'{Humanize.Shorten(name, 60)}' is no name of a workflow: it has 1 to 100 letters, digits and - _ . with a letter or digit first.");

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z")]
    private static partial Regex NamePattern();
}
