namespace Orchestration.OpenWhisk;

/// <summary>An action to put on OpenWhisk.</summary>
/// <param name="Name">Its name: <c>name</c>, <c>package/name</c> or <c>/namespace/package/name</c>.</param>
/// <param name="File">The file with its code: one source file, or a zip, jar or executable. Of code that was made in memory, what to call it in messages.</param>
public sealed record ActionDeployment(string Name, string File)
{
    /// <summary>The code, when it is not to be read from <see cref="File"/>.</summary>
    public ReadOnlyMemory<byte>? Content { get; init; }

    /// <summary>An image to run it in, by the name that the platform pulls it by; null for the kind's own. <see cref="File"/> may be empty then: the image brings the code.</summary>
    public string? Image { get; init; }

    /// <summary>The runtime, such as <c>python:3</c>; null takes the default of the file's extension, as <c>wsk</c> does. A zip needs one.</summary>
    public string? Kind { get; init; }

    /// <summary>The function to call; null for the kind's default. Kinds on the JVM and .NET need one.</summary>
    public string? Main { get; init; }

    /// <summary>How long one run may take; null for the platform's default (60 s).</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Memory in MB; null for the platform's default (256).</summary>
    public int? MemoryMegabytes { get; init; }

    /// <summary>Size of the logs in MB; null for the platform's default (10).</summary>
    public int? LogMegabytes { get; init; }

    /// <summary>Runs at once in one container; null for the platform's default (1).</summary>
    public int? Concurrency { get; init; }
}
