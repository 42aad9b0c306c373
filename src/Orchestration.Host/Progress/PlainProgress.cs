using Orchestration.Core.Facts;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Progress;

/// <summary>One line for each event, for logs and pipes.</summary>
internal sealed class PlainProgress(Terminal terminal) : IProgressView
{
    private readonly RunProgress _progress = new();

    public void Show(Fact fact, bool isNew)
    {
        _progress.Apply(fact);
        if (isNew && (ProgressLines.Step(fact, _progress) ?? ProgressLines.Trouble(fact, _progress)) is { } line)
            terminal.Say(line);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
