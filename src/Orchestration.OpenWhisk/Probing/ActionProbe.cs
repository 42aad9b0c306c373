using Orchestration.OpenWhisk.Http;

namespace Orchestration.OpenWhisk;

/// <summary>Looks whether actions are on an OpenWhisk, before anything is started there.</summary>
public static class ActionProbe
{
    private const int AtOnce = 16;

    /// <summary>Finds the actions that are not there.</summary>
    /// <param name="options">Where and as whom.</param>
    /// <param name="names">The actions' names, as they are invoked.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>
    /// The names for which OpenWhisk answered that there is no such action, in their order. One that it would not tell about, such as an action in another's
    /// package that may be invoked and not read, is not among them.
    /// </returns>
    /// <exception cref="OpenWhiskException">OpenWhisk cannot be reached, or a name is none.</exception>
    public static async Task<IReadOnlyList<string>> FindMissingAsync(OpenWhiskOptions options, IReadOnlyCollection<string> names, CancellationToken cancellation = default)
    {
        using var connection = new WhiskConnection(options);
        using var places = new SemaphoreSlim(AtOnce);
        var missing = await Task.WhenAll(names.Select(async name =>
        {
            await places.WaitAsync(cancellation);
            try
            {
                return await IsMissingAsync(connection, options, name, cancellation);
            }
            finally
            {
                places.Release();
            }
        }));
        return [.. names.Zip(missing).Where(n => n.Second).Select(n => n.First)];
    }

    private static async Task<bool> IsMissingAsync(WhiskConnection connection, OpenWhiskOptions options, string name, CancellationToken cancellation)
    {
        if (!ActionTarget.TryParse(name, options.Namespace, out var target, out var problem))
            throw new OpenWhiskException(problem);
        // The code may be large, and is not asked for (source: OpenWhisk's Actions route, parameter "code").
        using var reply = await Answers.GetAsync(connection, target.Path + "?code=false", cancellation);
        // A proxy's 404 has no error of OpenWhisk's in it.
        return reply.Status == 404 && reply.ErrorText() is not null;
    }
}
