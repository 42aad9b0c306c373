using Orchestration.Host.Installing;
using Orchestration.Host.Running;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Actions;

/// <summary>Writes the Dockerfile of an image for an action: the platform's runtime with what the action needs. The code itself is sent by <c>action deploy --docker</c>, except that of .NET, which the image brings.</summary>
internal static class ActionDockerfile
{
    private const string FileName = "Dockerfile";
    private const string DefaultPython = "3.11";
    private const string DefaultNode = "20";

    /// <summary>Writes it into the action's folder, with the files beside it that it copies.</summary>
    /// <param name="source">The folder.</param>
    /// <param name="kind">The kind that is asked for; null for the language's default.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The names of what was written.</returns>
    /// <exception cref="CommandException">There is one already, or the action is no folder of a known language.</exception>
    public static async Task<IReadOnlyList<string>> WriteAsync(ActionSource source, string? kind, CancellationToken cancellation)
    {
        if (!source.IsFolder)
            throw CommandException.Usage($"'{source.Path}' is a file. An image is made of a folder: put the file into one as __main__.py or index.js.");
        var file = Path.Combine(source.Path, FileName);
        if (File.Exists(file))
            throw CommandException.Usage($"'{file}' is there already, and is not overwritten. Remove it first.");
        var version = kind?.Split(':') is [_, { Length: > 0 } given] && given != "default" ? given : null;
        var (text, others) = source.Family switch
        {
            ActionFamily.Python => await PythonAsync(source, version ?? DefaultPython, cancellation),
            ActionFamily.Nodejs => (Node(source, version ?? DefaultNode), []),
            ActionFamily.Dotnet => (DotNet(source), (string[])[]),
            _ => throw CommandException.Usage($"There is no Dockerfile for '{source.Path}'."),
        };
        await File.WriteAllTextAsync(file, text, cancellation);
        return [FileName, .. others];
    }

    private static async Task<(string Text, string[] Others)> PythonAsync(ActionSource source, string version, CancellationToken cancellation)
    {
        var sdist = await MakePackageAsync(source.Path, cancellation);
        var requirements = File.Exists(Path.Combine(source.Path, "requirements.txt"))
            ? "COPY requirements.txt /tmp/requirements.txt\nRUN pip install --no-cache-dir -r /tmp/requirements.txt\n"
            : "";
        return ($"""
            # The OpenWhisk Python runtime with what the action needs. The action's code is not in it; it comes with
            #   ./orchestration action deploy PATH --docker IMAGE
            FROM openwhisk/action-python-v{version}
            {requirements}COPY {sdist} /tmp/{sdist}
            RUN pip install --no-cache-dir /tmp/{sdist}[s3,mongo]

            """, [sdist]);
    }

    private static async Task<string> MakePackageAsync(string folder, CancellationToken cancellation)
    {
        var packages = ProjectFiles.PythonPackages ?? throw CommandException.Failure("The Python package object_store is not beside this program. Use the program where it was built, or published.");
        var made = await ProgramRun.RunInAsync(packages, "python3", ["-B", "-c", "import build_backend, sys; print(build_backend.build_sdist(sys.argv[1]))", folder], cancellation);
        return made.ExitCode == 0 ? made.Output.Trim() : throw CommandException.Failure($"The package object_store cannot be made: {made.Errors.Trim()}");
    }

    private static string Node(ActionSource source, string version) => $"""
        # The OpenWhisk Node.js runtime with the modules that the action needs. The action's code is not in it; it comes with
        #   ./orchestration action deploy PATH --docker IMAGE
        FROM openwhisk/action-nodejs-v{version}
        {(File.Exists(Path.Combine(source.Path, "package.json")) ? "COPY package.json /node_modules_of_action/\nRUN cd /node_modules_of_action && npm install --omit=dev --no-audit --no-fund\nENV NODE_PATH=/node_modules_of_action/node_modules\n" : "")}
        """;

    private static string DotNet(ActionSource source) => $"""
        # An image of its own: the platform has no runtime for this .NET. It serves /init and /run on port 8080 (Program.cs) and brings the code:
        #   dotnet publish -c Release -o publish -p:UseAppHost=false
        #   docker build --build-arg RUNTIME=THE_ASP.NET_RUNTIME_IMAGE -t IMAGE .
        #   ./orchestration action deploy --name {source.Name} --docker IMAGE
        ARG RUNTIME
        FROM $RUNTIME
        WORKDIR /action
        COPY publish/ .
        EXPOSE 8080
        ENTRYPOINT ["dotnet", "{Path.GetFileNameWithoutExtension(source.Entry)}.dll"]

        """;
}
