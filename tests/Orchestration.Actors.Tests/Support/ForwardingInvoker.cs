using Orchestration.Core.Ports;

namespace Orchestration.Actors.Tests.Support;

/// <summary>Passes calls on to an invoker that a test makes once its virtual clock is there.</summary>
internal sealed class ForwardingInvoker : IActionInvoker
{
    private readonly TaskCompletionSource<IActionInvoker> _target = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IActionInvoker Target
    {
        set => _target.SetResult(value);
    }

    public Func<InvokeRequest, Task<InvokeReply>?> OnInvoke { get; set; } = _ => null;

    public async Task<InvokeReply> InvokeAsync(InvokeRequest request, CancellationToken cancellation) =>
        await (OnInvoke(request) ?? (await _target.Task).InvokeAsync(request, cancellation));

    public async Task<InvokeReply> GetActivationAsync(InvokeRequest request, string activationId, CancellationToken cancellation) =>
        await (await _target.Task).GetActivationAsync(request, activationId, cancellation);

    public async Task<ActivationPage> ListActivationsAsync(IReadOnlyDictionary<string, InvokeRequest> wanted, DateTimeOffset since, DateTimeOffset? upTo, int skip, CancellationToken cancellation) =>
        await (await _target.Task).ListActivationsAsync(wanted, since, upTo, skip, cancellation);

    public async Task<InvokeReply?> FindActivationAsync(InvokeRequest request, DateTimeOffset since, CancellationToken cancellation) =>
        await (await _target.Task).FindActivationAsync(request, since, cancellation);

    public Task<TimeSpan> GetTimeLimitAsync(string actionName, CancellationToken cancellation) => Task.FromResult(TimeSpan.FromMinutes(1));

    public async Task<NamespaceLimits> GetLimitsAsync(CancellationToken cancellation) => await (await _target.Task).GetLimitsAsync(cancellation);
}
