using Orchestration.Core.Costs;
using Orchestration.Core.Facts;

namespace Orchestration.Host.Stored;

/// <summary>What is stored of a run.</summary>
/// <param name="Rows">The rows of its journal, in order.</param>
/// <param name="Recorded">What the Python system recorded of it; null for any other run.</param>
/// <param name="Figures">The numbers that the Python system stored; null for any other run.</param>
internal sealed record StoredRun(IReadOnlyList<StoredCommit> Rows, Commit? Recorded, RecordedFigures? Figures);
