using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;

namespace Orchestration.Host.Running;

/// <summary>Stands where a process only closes runs: it invokes nothing, and tells of no activation that it has ended.</summary>
internal sealed class NoInvoker : IActionInvoker
{
    public Task<InvokeReply> InvokeAsync(InvokeRequest request, CancellationToken cancellation) => Task.FromResult<InvokeReply>(
        new InvokeReply.Failed(null, null, AttemptOutcome.Unavailable, new Failure("NO_OPENWHISK", "This process closes runs and invokes nothing."), ObjectReport.None));

    public Task<InvokeReply> GetActivationAsync(InvokeRequest request, string activationId, CancellationToken cancellation) =>
        Task.FromResult<InvokeReply>(new InvokeReply.Accepted(activationId, Reached: false));

    public Task<TimeSpan> GetTimeLimitAsync(string actionName, CancellationToken cancellation) => Task.FromResult(TimeSpan.FromMinutes(5));
}
