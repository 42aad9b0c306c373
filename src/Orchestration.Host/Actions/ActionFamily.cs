namespace Orchestration.Host.Actions;

/// <summary>The languages in which actions are written here.</summary>
internal enum ActionFamily
{
    Python,
    Nodejs,
    Dotnet,

    /// <summary>What the platform may know and this machine does not run.</summary>
    Other,
}
