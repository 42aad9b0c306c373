using Orchestration.Host.Terminals;
using Orchestration.OpenWhisk;

namespace Orchestration.Host.Actions;

/// <summary>What is to be deployed, and under which name.</summary>
/// <param name="Deployment">The action as it is sent.</param>
/// <param name="Files">The names in the archive that was made of a folder; empty for a file that is sent as it is.</param>
internal sealed record ActionBuild(ActionDeployment Deployment, IReadOnlyCollection<string> Files)
{
    /// <summary>Makes what OpenWhisk takes of what lies on this machine: a file as it is, a folder as an archive with everything it needs.</summary>
    /// <param name="source">The file or folder.</param>
    /// <param name="settings">Name, kind and limits; its file is not looked at.</param>
    /// <param name="terminal">Told what takes time.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="CommandException">Something that it needs is not to be had.</exception>
    public static async Task<ActionBuild> MakeAsync(ActionSource source, ActionDeployment settings, Terminal terminal, CancellationToken cancellation)
    {
        var kind = settings.Kind ?? source.DefaultKind;
        if (!source.IsFolder)
            return new ActionBuild(settings with { File = source.Path }, []);
        var archive = source.Family switch
        {
            ActionFamily.Python => await PythonArchive.MakeAsync(source, kind!, terminal, cancellation),
            ActionFamily.Nodejs => await NodeArchive.MakeAsync(source, terminal, cancellation),
            ActionFamily.Dotnet => await DotNetArchive.MakeAsync(source, terminal, cancellation),
            _ => throw CommandException.Usage($"Actions of '{source.Path}' are not packed here. Make a zip of it and name that with --kind."),
        };
        var deployment = settings with { File = $"{source.Path}{Path.DirectorySeparatorChar}", Content = archive.ToBytes(), Kind = kind, Main = settings.Main ?? MainOf(source) };
        return new ActionBuild(deployment, archive.Names);
    }

    // The form of the platform's .NET runtime: Assembly::Type::Method. 'action new' names the project, the namespace and the class so.
    private static string? MainOf(ActionSource source) =>
        source.Family == ActionFamily.Dotnet && Path.GetFileNameWithoutExtension(source.Entry) is var assembly ? $"{assembly}::{assembly}.Action::Main" : null;
}
