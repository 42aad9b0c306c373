using Akka.Actor;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;

namespace Orchestration.Actors.Tests.Support;

/// <summary>An OpenWhisk in virtual time that answers every invocation with 202 and lists what has ended, as the platform does: the latest start first, page by page.</summary>
internal sealed class ListedWhisk(IScheduler clock, Func<int, TimeSpan> durationOf) : IActionInvoker
{
    private const int PageSize = 200;

    private readonly Lock _gate = new();
    private readonly List<(string Id, DateTimeOffset Start, DateTimeOffset End)> _activations = [];

    /// <summary>Whether there is a list.</summary>
    public bool Lists { get; init; } = true;

    /// <summary>Activations that the list leaves out.</summary>
    public Func<string, bool> IsLeftOut { get; init; } = _ => false;

    public int Looks { get; private set; }

    public int Pages { get; private set; }

    /// <summary>When each activation ended.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Ends
    {
        get
        {
            lock (_gate)
                return _activations.ToDictionary(a => a.Id, a => a.End);
        }
    }

    public Task<InvokeReply> InvokeAsync(InvokeRequest request, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var id = $"a{_activations.Count}";
            _activations.Add((id, clock.Now, clock.Now + durationOf(_activations.Count)));
            return Task.FromResult<InvokeReply>(new InvokeReply.Accepted(id));
        }
    }

    public Task<InvokeReply> GetActivationAsync(InvokeRequest request, string activationId, CancellationToken cancellation)
    {
        lock (_gate)
        {
            Looks++;
            return Task.FromResult(ReplyOf(_activations.Single(a => a.Id == activationId)));
        }
    }

    public Task<ActivationPage> ListActivationsAsync(IReadOnlyDictionary<string, InvokeRequest> wanted, DateTimeOffset since, DateTimeOffset? upTo, int skip, CancellationToken cancellation)
    {
        if (!Lists)
            return Task.FromResult(ActivationPage.NotOffered);
        lock (_gate)
        {
            Pages++;
            var page = _activations.Where(a => a.End <= clock.Now && a.Start >= since && a.Start <= (upTo ?? DateTimeOffset.MaxValue) && !IsLeftOut(a.Id))
                .OrderByDescending(a => a.Start).Skip(skip).Take(PageSize).ToList();
            var found = page.Where(a => wanted.ContainsKey(a.Id)).ToDictionary(a => a.Id, ReplyOf);
            return Task.FromResult(new ActivationPage(PageAnswer.Read, found, page.Count, page.Count == PageSize ? page[^1].Start : null));
        }
    }

    public Task<TimeSpan> GetTimeLimitAsync(string actionName, CancellationToken cancellation) => Task.FromResult(TimeSpan.FromMinutes(5));

    private InvokeReply ReplyOf((string Id, DateTimeOffset Start, DateTimeOffset End) activation) => activation.End > clock.Now
        ? new InvokeReply.Accepted(activation.Id)
        : new InvokeReply.Succeeded(activation.Id, new ActivationTiming(activation.Start, activation.End), JsonBytes.EmptyObject, ObjectReport.None);
}
