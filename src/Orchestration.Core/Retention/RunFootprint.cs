using Orchestration.Core.Identity;
using Orchestration.Core.Objects;

namespace Orchestration.Core.Retention;

/// <summary>An ended run as far as objects need it.</summary>
/// <param name="Id">The run.</param>
/// <param name="Makes">The objects that cannot be made again without it: it wrote them last, or was one of several that share them.</param>
/// <param name="Reads">The objects that it needs for that.</param>
public sealed record RunFootprint(OrchestrationId Id, IReadOnlyCollection<ObjectKey> Makes, IReadOnlyCollection<ObjectKey> Reads);

/// <summary>Why a run stays.</summary>
/// <param name="Object">An object that could not be made again without it.</param>
/// <param name="IsThere">Whether the object itself exists; false: a run that stays was made from it.</param>
public sealed record KeptFor(ObjectKey Object, bool IsThere);
