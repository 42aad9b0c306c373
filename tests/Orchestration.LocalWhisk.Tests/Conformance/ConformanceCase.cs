using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests.Conformance;

/// <summary>One line of the conformance list in docs/openwhisk.md.</summary>
/// <param name="Number">Its number there.</param>
/// <param name="HoldsAsync">Throws where the server behaves otherwise.</param>
internal sealed record ConformanceCase(string Number, Func<TestWhisk, Task> HoldsAsync)
{
    public static IReadOnlyList<ConformanceCase> All { get; } =
        [.. ProtocolCases.All, .. ActionCases.All, .. InvokeCases.All, .. ActivationCases.All, .. RuntimeCases.All];
}
