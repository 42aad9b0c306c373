namespace Orchestration.Workflows.Reading;

/// <summary>Members of an invocation's body that the orchestrator adds, so that parameters cannot have these names.</summary>
internal static class ReservedNames
{
    private static readonly string[] Names = ["context", "__orchestration"];

    /// <summary>Whether a parameter must not have the name.</summary>
    public static bool Contains(string name) => Names.Contains(name);
}
