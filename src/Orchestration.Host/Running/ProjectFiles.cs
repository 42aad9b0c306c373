namespace Orchestration.Host.Running;

/// <summary>Finds what comes with the program besides its assemblies: in the program's own folder when published, else in the source tree around it.</summary>
internal static class ProjectFiles
{
    /// <summary>The folder that Python actions import <c>object_store</c> from; null when it is not there.</summary>
    public static string? PythonPackages => Find("sdk/python", "object_store/__init__.py");

    /// <summary>The folder that Node.js actions require <c>object_store</c> from; null when it is not there.</summary>
    public static string? NodeModules => Find("sdk/nodejs", "object_store/package.json");

    /// <summary>The transcoder's workflow file; null when it is not there.</summary>
    public static string? TranscoderWorkflow => Find("samples/transcoder", "workflow.yaml") is { } folder ? Path.Combine(folder, "workflow.yaml") : null;

    private static string? Find(string folder, string file)
    {
        for (var place = new DirectoryInfo(AppContext.BaseDirectory); place is not null; place = place.Parent)
        {
            var found = Path.Combine(place.FullName, folder);
            if (File.Exists(Path.Combine(found, file)))
                return found;
        }
        return null;
    }
}
