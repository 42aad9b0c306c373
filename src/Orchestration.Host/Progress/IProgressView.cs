using Orchestration.Core.Facts;

namespace Orchestration.Host.Progress;

/// <summary>Shows a person how a run goes on.</summary>
internal interface IProgressView : IAsyncDisposable
{
    /// <summary>Takes a fact in.</summary>
    /// <param name="fact">The fact, in the order of the journal.</param>
    /// <param name="isNew">Whether it is of now, not of an earlier process.</param>
    void Show(Fact fact, bool isNew);
}
