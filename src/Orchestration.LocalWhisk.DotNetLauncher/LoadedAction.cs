using System.Reflection;
using System.Runtime.Loader;

namespace Orchestration.LocalWhisk.DotNetLauncher;

/// <summary>The action cannot be loaded; the message is the platform's own runtime's.</summary>
internal sealed class LoadException(string message) : Exception(message);

/// <summary>
/// A method of a published library that takes and returns <c>JObject</c> or <c>JArray</c> of Newtonsoft.Json, as the platform's own runtime calls it
/// (source: apache/openwhisk-runtime-dotnet, its Init and Run). That library comes with the action, and is met here by its methods' names alone.
/// </summary>
internal sealed class LoadedAction
{
    private readonly ConstructorInfo _constructor;
    private readonly MethodInfo _method;
    private readonly MethodInfo _parse;

    private LoadedAction(ConstructorInfo constructor, MethodInfo method, MethodInfo parse) => (_constructor, _method, _parse) = (constructor, method, parse);

    /// <summary>Loads it.</summary>
    /// <param name="folder">Where the library was unpacked.</param>
    /// <param name="main"><c>Assembly::Namespace.Type::Method</c>.</param>
    /// <exception cref="LoadException">It is not there, or is not of that form.</exception>
    public static LoadedAction Load(string folder, string main)
    {
        if (main.Split("::") is not [{ Length: > 0 } assemblyName, { Length: > 0 } typeName, { Length: > 0 } methodName])
            throw new LoadException("main required format is \"Assembly::Type::Function\".");
        var path = Path.Combine(folder, assemblyName + ".dll");
        if (!File.Exists(path))
            throw new LoadException($"Unable to locate requested assembly (\"{assemblyName}.dll\").");
        var type = new Context(path).LoadFromAssemblyPath(path).GetType(typeName) ?? throw new LoadException($"Unable to locate requested type (\"{typeName}\").");
        var method = type.GetMethods().FirstOrDefault(m => m.Name == methodName && m.GetParameters().Length == 1)
            ?? throw new LoadException($"Unable to locate requested method (\"{methodName}\").");
        var constructor = type.GetConstructor(Type.EmptyTypes) ?? throw new LoadException($"Unable to locate appropriate constructor for (\"{typeName}\").");
        var parse = method.GetParameters()[0].ParameterType.GetMethod("Parse", BindingFlags.Public | BindingFlags.Static, [typeof(string)])
            ?? throw new LoadException($"Unable to locate requested method (\"{methodName}\") that takes a JObject or JArray of Newtonsoft.Json.");
        return new LoadedAction(constructor, method, parse);
    }

    /// <summary>Calls it on a new instance.</summary>
    /// <param name="arguments">A JSON object or array.</param>
    /// <returns>The result as JSON; null when it returned null.</returns>
    public async Task<string?> RunAsync(string arguments)
    {
        try
        {
            var returned = _method.Invoke(_constructor.Invoke(null), [_parse.Invoke(null, [arguments])]);
            if (returned is Task task)
            {
                await task;
                returned = task.GetType().GetProperty("Result")?.GetValue(task);
            }

            return returned?.ToString();
        }
        catch (TargetInvocationException e) when (e.InnerException is not null)
        {
            throw e.InnerException;
        }
    }

    private sealed class Context(string path) : AssemblyLoadContext("action")
    {
        private readonly AssemblyDependencyResolver _resolver = new(path);

        protected override Assembly? Load(AssemblyName assemblyName) =>
            _resolver.ResolveAssemblyToPath(assemblyName) is { } found ? LoadFromAssemblyPath(found) : null;

        protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
            _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } found ? LoadUnmanagedDllFromPath(found) : base.LoadUnmanagedDll(unmanagedDllName);
    }
}
