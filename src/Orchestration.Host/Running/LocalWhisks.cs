using Microsoft.Extensions.Logging;
using Orchestration.Core.Ports;
using Orchestration.Host.Settings;
using Orchestration.LocalWhisk;

namespace Orchestration.Host.Running;

/// <summary>What every local OpenWhisk of this program has in common.</summary>
internal static class LocalWhisks
{
    /// <summary>Its data is kept in the data directory, and its actions find the object store by the environment variables that <c>object_store</c> reads.</summary>
    public static LocalWhiskOptions Options(HostSettings settings, IObjectStore? store, ILoggerFactory log) => new()
    {
        DataDirectory = Folder(settings),
        PythonPath = ProjectFiles.PythonPackages is { } packages ? [packages] : [],
        NodePath = ProjectFiles.NodeModules is { } modules ? [modules] : [],
        ActionEnvironment = Environment(settings, store),
        LoggerFactory = log,
    };

    /// <summary>Its part of the data directory, which it locks by itself.</summary>
    public static string Folder(HostSettings settings) => Path.Combine(settings.DataDirectory, "whisk");

    private static Dictionary<string, string> Environment(HostSettings settings, IObjectStore? store)
    {
        var variables = new Dictionary<string, string>();
        if (store is null)
            return variables;
        variables["STORAGE_ENDPOINT"] = store.Location;
        if (settings.AccessKey is { } access)
            variables["AWS_ACCESS_KEY_ID"] = access.Value;
        if (settings.SecretKey is { } secret)
            variables["AWS_SECRET_ACCESS_KEY"] = secret.Value;
        return variables;
    }
}
