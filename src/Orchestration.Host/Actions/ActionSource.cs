using Orchestration.Host.Terminals;

namespace Orchestration.Host.Actions;

/// <summary>The code of an action as it lies on this machine: one file, or a folder with an entry point.</summary>
/// <param name="Path">The file or folder, absolute.</param>
/// <param name="Name">What the action is called when nobody says otherwise: the name without its extension.</param>
/// <param name="Family">Its language.</param>
/// <param name="Entry">The file that begins, relative to a folder; the file itself otherwise.</param>
internal sealed record ActionSource(string Path, string Name, ActionFamily Family, string Entry)
{
    private const string PythonEntry = "__main__.py";

    public bool IsFolder => Directory.Exists(Path);

    /// <summary>Whether it is code that OpenWhisk takes as it is, an archive or a program.</summary>
    public bool IsArchive => !IsFolder && System.IO.Path.GetExtension(Path).ToLowerInvariant() is ".zip" or ".jar";

    /// <summary>Looks what a path holds.</summary>
    /// <exception cref="CommandException">Nothing is there, or a folder that has no entry point.</exception>
    public static ActionSource Find(string path)
    {
        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        if (File.Exists(full))
            return new ActionSource(full, System.IO.Path.GetFileNameWithoutExtension(full), FamilyOf(full), System.IO.Path.GetFileName(full));
        if (!Directory.Exists(full))
            throw CommandException.Usage($"There is neither a file nor a folder '{path}'. Check the path and the folder you are in; '{CommandName.Text} action new NAME' makes a new action.");
        var name = System.IO.Path.GetFileName(full);
        if (File.Exists(System.IO.Path.Combine(full, PythonEntry)))
            return new ActionSource(full, name, ActionFamily.Python, PythonEntry);
        if (File.Exists(System.IO.Path.Combine(full, "package.json")) || File.Exists(System.IO.Path.Combine(full, "index.js")))
            return new ActionSource(full, name, ActionFamily.Nodejs, "index.js");
        if (Directory.GetFiles(full, "*.csproj") is [var project])
            return new ActionSource(full, name, ActionFamily.Dotnet, System.IO.Path.GetFileName(project));
        if (Directory.GetFiles(full, "*.py") is [var only])
            return new ActionSource(full, name, ActionFamily.Python, System.IO.Path.GetFileName(only));
        throw CommandException.Usage($"The folder '{path}' is no action: it has none of __main__.py (Python), package.json or index.js (Node.js), one .csproj (.NET). Name the file that begins one of these, or name a file instead of the folder.");
    }

    /// <summary>The kind that OpenWhisk is told when none is given; null where the file's extension tells it, or nothing does.</summary>
    public string? DefaultKind => Family switch
    {
        ActionFamily.Python => "python:default",
        ActionFamily.Nodejs => "nodejs:default",
        ActionFamily.Dotnet => "dotnet:default",
        _ => null,
    };

    private static ActionFamily FamilyOf(string file) => System.IO.Path.GetExtension(file).ToLowerInvariant() switch
    {
        ".py" => ActionFamily.Python,
        ".js" or ".mjs" or ".cjs" => ActionFamily.Nodejs,
        _ => ActionFamily.Other,
    };
}
