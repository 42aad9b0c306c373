namespace Orchestration.OpenWhisk;

/// <summary>How what is to be deployed compares with what is there.</summary>
public enum DeploymentState
{
    /// <summary>There is no action of that name.</summary>
    New,

    /// <summary>The action is there with the same code, entry point and the limits that are given.</summary>
    Same,

    /// <summary>The action is there and differs.</summary>
    Different,
}

/// <summary>What deploying an action would do.</summary>
/// <param name="Action">The action.</param>
/// <param name="Target">The action with its namespace, for people.</param>
/// <param name="State">How it compares with what is there.</param>
/// <param name="Executable">What would be sent.</param>
public sealed record DeploymentPlan(ActionDeployment Action, string Target, DeploymentState State, ActionExecutable Executable);
