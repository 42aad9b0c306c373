using System.Reflection;
using System.Runtime.CompilerServices;
using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;

namespace Orchestration.Core.Tests.Architecture;

public class ArchitectureTests
{
    private static readonly Assembly Core = typeof(Decider).Assembly;

    [Fact]
    public void The_core_references_the_framework_alone()
    {
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location);
        var references = Core.GetReferencedAssemblies();
        Assert.NotEmpty(references);
        Assert.All(references, name => Assert.Equal(framework, Path.GetDirectoryName(Assembly.Load(name).Location)));
        Assert.DoesNotContain(references, name => name.Name is "System.Net.Http" or "System.Net.Sockets" or "System.IO.FileSystem");
    }

    [Fact]
    public void Facts_commands_and_effects_are_closed_and_immutable()
    {
        var types = Core.GetTypes().Where(t => t.IsSubclassOf(typeof(Fact)) || t.IsSubclassOf(typeof(Command)) || t.IsSubclassOf(typeof(Effect))).ToList();
        Assert.Contains(typeof(AttemptStarted), types);
        Assert.All(types, t => Assert.True(t.IsSealed, t.Name));
        Assert.All(types.SelectMany(t => t.GetProperties()), p => Assert.True(p.SetMethod is null || IsInitOnly(p.SetMethod), $"{p.DeclaringType}.{p.Name}"));
    }

    private static bool IsInitOnly(MethodInfo setter) => setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
}
