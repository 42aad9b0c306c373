namespace Orchestration.Host.Terminals;

/// <summary>In which form a command answers.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>One JSON document.</summary>
    Json,

    /// <summary>The same document in YAML.</summary>
    Yaml,
}
