using Akka.Configuration;
using Orchestration.Actors.Hosting;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Settings;

/// <summary>A file with settings of the actor system.</summary>
internal static class HoconFile
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="CommandException">It cannot be read, or is no HOCON.</exception>
    public static string Read(Given given)
    {
        try
        {
            var text = File.ReadAllText(given.Value);
            OrchestrationHostingExtensions.CheckConfig(ConfigurationFactory.ParseString(text));
            return text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Usage($"{given.Source}: the file '{given.Value}' cannot be read: {e.Message}", e);
        }
        catch (Exception e) when (e is ConfigurationException or FormatException or InvalidOperationException)
        {
            throw CommandException.Usage($"{given.Source}: '{given.Value}' cannot be used: {e.Message} The files of hocon/ show what can be set and how.", e);
        }
    }
}
