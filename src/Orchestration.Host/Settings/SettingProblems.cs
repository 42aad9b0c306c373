using Orchestration.Core.Ports;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Settings;

/// <summary>Collects what is wrong with settings, so that all of it is told at once.</summary>
internal sealed class SettingProblems
{
    private readonly List<string> _messages = [];

    /// <summary>Reads something; what is wrong with it is told later.</summary>
    /// <param name="read">Reads it.</param>
    /// <returns>What was read; a default when it cannot be used.</returns>
    public T? Try<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (CommandException e) when (e.ExitCode == ExitCodes.Usage)
        {
            _messages.Add(e.Message);
            return default;
        }
        catch (ObjectStoreException e) when (e.Code == "InvalidEndpoint")
        {
            _messages.Add(e.Message);
            return default;
        }
    }

    /// <exception cref="CommandException">Something is wrong; the message has a line for each.</exception>
    public void ThrowIfAny()
    {
        if (_messages.Count > 0)
            throw CommandException.Usage(string.Join("\nerror: ", _messages.Distinct()));
    }
}
