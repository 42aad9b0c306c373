using Orchestration.Core.Ports;

namespace Orchestration.TestKit;

/// <summary>The scripted OpenWhisk as one life of the process under test sees it.</summary>
internal sealed class LifeInvoker(ScriptedWhisk whisk, Life life) : IActionInvoker
{
    public Task<InvokeReply> InvokeAsync(InvokeRequest request, CancellationToken cancellation) => whisk.InvokeAsync(request, life).WaitAsync(cancellation);

    public Task<InvokeReply> GetActivationAsync(InvokeRequest request, string activationId, CancellationToken cancellation) => whisk.LookAsync(activationId, life).WaitAsync(cancellation);

    public Task<TimeSpan> GetTimeLimitAsync(string actionName, CancellationToken cancellation) => Task.FromResult(whisk.TimeLimitOf(actionName));
}
