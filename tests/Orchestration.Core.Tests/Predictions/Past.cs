using System.Collections.Immutable;
using Orchestration.Core.Costs;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Predictions;

/// <summary>Numbers of past runs.</summary>
internal static class Past
{
    public static RunFigures Run(int number, long inputSize, double seconds, params ImmutableArray<ActionFigures> actions) => new(
        OrchestrationId.Parse($"{number:x24}"), "demo", Given.T0.AddHours(number), true, seconds, actions.Sum(a => a.Seconds), inputSize, actions, [.. actions.SelectMany(a => a.Objects)]);

    public static ActionFigures Action(int number, string name, double seconds, string[]? reads = null, params ImmutableArray<ObjectFigures> writes) =>
        new(ActionId.Parse($"{number:x24}"), name, name, 0, [seconds], 0, false, 0, writes) { Inputs = [.. (reads ?? []).Select(ObjectKey.Parse)] };

    public static ObjectFigures Object(string key, double lifetime, long size, double? untilLastRead) => new(ObjectKey.Parse(key), lifetime, size) { UntilLastRead = untilLastRead };
}
