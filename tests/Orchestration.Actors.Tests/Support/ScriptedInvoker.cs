using System.Collections.Concurrent;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;

namespace Orchestration.Actors.Tests.Support;

/// <summary>An OpenWhisk that answers what a test says.</summary>
internal sealed class ScriptedInvoker : IActionInvoker
{
    private readonly ConcurrentQueue<InvokeRequest> _invoked = new();
    private readonly ConcurrentDictionary<string, int> _looks = new();
    private int _running;

    public Func<InvokeRequest, Task<InvokeReply>> OnInvoke { get; set; } = request => Task.FromResult(Succeeded(request.Parameters));

    public Func<string, Task<InvokeReply>> OnLook { get; set; } = id => Task.FromResult<InvokeReply>(new InvokeReply.Accepted(id));

    public Func<InvokeRequest, InvokeReply?> OnFind { get; set; } = _ => null;

    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromMinutes(1);

    public IReadOnlyCollection<InvokeRequest> Invoked => _invoked;

    public int MostAtOnce { get; private set; }

    public int Looks(string activationId) => _looks.GetValueOrDefault(activationId);

    public async Task<InvokeReply> InvokeAsync(InvokeRequest request, CancellationToken cancellation)
    {
        _invoked.Enqueue(request);
        lock (_invoked)
            MostAtOnce = Math.Max(MostAtOnce, ++_running);
        try
        {
            return await OnInvoke(request);
        }
        finally
        {
            lock (_invoked)
                _running--;
        }
    }

    public Task<InvokeReply> GetActivationAsync(InvokeRequest request, string activationId, CancellationToken cancellation)
    {
        _looks.AddOrUpdate(activationId, 1, (_, n) => n + 1);
        return OnLook(activationId);
    }

    public Task<InvokeReply?> FindActivationAsync(InvokeRequest request, DateTimeOffset since, CancellationToken cancellation) => Task.FromResult(OnFind(request));

    public Task<TimeSpan> GetTimeLimitAsync(string actionName, CancellationToken cancellation) => Task.FromResult(TimeLimit);

    public static InvokeReply Succeeded(JsonBytes result, string? activationId = null) =>
        new InvokeReply.Succeeded(activationId, null, result, ObjectReport.None);

    public static InvokeReply Failed(AttemptOutcome outcome = AttemptOutcome.ApplicationError, string message = "boom") =>
        new InvokeReply.Failed(null, null, outcome, new Failure(null, message), ObjectReport.None);
}
