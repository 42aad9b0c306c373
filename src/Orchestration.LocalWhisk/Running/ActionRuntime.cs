using System.Diagnostics;
using Orchestration.LocalWhisk.Actions;
using Orchestration.LocalWhisk.Activations;

namespace Orchestration.LocalWhisk.Running;

/// <summary>Something that has one action loaded and runs one call of it at a time.</summary>
internal abstract class ActionRuntime(WhiskAction action)
{
    public WhiskAction Action { get; } = action;

    /// <summary>Whether the action's code is loaded; set by who had it loaded.</summary>
    public abstract bool IsInitialised { get; set; }

    /// <summary>Ends when it can run no more calls, for whatever reason.</summary>
    public abstract Task Exited { get; }

    /// <summary>It was ended because it held more memory than its action may have.</summary>
    public virtual bool IsOutOfMemory => false;

    /// <summary>When it became idle, a <see cref="Stopwatch"/> timestamp; set by its pool.</summary>
    public long IdleSince { get; set; }

    /// <summary>Begins the log of a call.</summary>
    public abstract LogSink BeginLog();

    /// <summary>Loads the action's code.</summary>
    /// <param name="activation">The first call.</param>
    /// <param name="frames">Makes what is sent.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="keepBytes">How much of a longer answer is kept.</param>
    /// <returns>An answer with the letter A when it is loaded, with another when it is not.</returns>
    public abstract Task<Reply> InitialiseAsync(Activation activation, Frames frames, TimeSpan limit, int keepBytes);

    /// <summary>Runs a call.</summary>
    /// <param name="activation">The call.</param>
    /// <param name="frames">Makes what is sent.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="keepBytes">How much of a longer answer is kept.</param>
    /// <returns>An answer with the letter R and the result, or with another and the error.</returns>
    public abstract Task<Reply> RunAsync(Activation activation, Frames frames, TimeSpan limit, int keepBytes);

    /// <summary>Ends it; ends when it is gone.</summary>
    public abstract Task KillAsync();
}
