using Orchestration.Core.State;

namespace Orchestration.Host.Terminals;

/// <summary>What the process ends with; documented in <c>docs/cli.md</c>.</summary>
internal static class ExitCodes
{
    public const int Completed = 0;
    public const int Failed = 1;
    public const int Usage = 2;

    /// <summary>Another process has the run.</summary>
    public const int Owned = 3;

    /// <summary>128 + SIGINT, as shells count.</summary>
    public const int Interrupted = 130;

    public static int Of(OrchestrationStatus status) => status == OrchestrationStatus.Completed ? Completed : Failed;
}
