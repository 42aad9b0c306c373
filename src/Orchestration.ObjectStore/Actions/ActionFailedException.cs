namespace Orchestration.ObjectStore;

/// <summary>Ends an action with an error of its own: becomes the reply <c>{"error": {code, message, meta}}</c>.</summary>
public class ActionFailedException : Exception
{
    /// <summary>Ends the action.</summary>
    /// <param name="code">Short and stable, for programs.</param>
    /// <param name="message">For people.</param>
    /// <param name="key">The object that it is about, <c>bucket/key</c>, which becomes <c>meta.key</c>; null for none.</param>
    public ActionFailedException(string code, string message, string? key = null)
        : base(message) => (Code, Key) = (code, key);

    /// <summary>Short and stable, for programs.</summary>
    public string Code { get; }

    /// <summary>The object that it is about; null for none.</summary>
    public string? Key { get; }
}

/// <summary>An object to read is not there: code <c>NoSuchKey</c>, by which the orchestrator knows to make it again.</summary>
/// <param name="key">The object, <c>bucket/key</c>.</param>
public sealed class NoSuchKeyException(string key) : ActionFailedException("NoSuchKey", $"The object '{key}' does not exist.", key);
