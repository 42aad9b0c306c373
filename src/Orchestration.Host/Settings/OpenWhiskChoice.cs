using Orchestration.Host.Terminals;
using Orchestration.OpenWhisk;

namespace Orchestration.Host.Settings;

/// <summary>Which OpenWhisk a command uses and from where it knows.</summary>
internal abstract record OpenWhiskChoice
{
    /// <summary>The name of the built-in one, on the command line and in stored runs.</summary>
    public const string LocalName = "local";

    private OpenWhiskChoice(string source) => Source = source;

    /// <summary>From where it is known, for people.</summary>
    public string Source { get; }

    /// <summary>The built-in one.</summary>
    /// <param name="Auth">Its credentials; null for new ones.</param>
    /// <param name="Source">From where it is known.</param>
    public sealed record Local(string? Auth, string Source) : OpenWhiskChoice(Source);

    /// <summary>One that runs elsewhere.</summary>
    /// <param name="Options">Where and as whom.</param>
    /// <param name="Source">From where it is known.</param>
    public sealed record External(OpenWhiskOptions Options, string Source) : OpenWhiskChoice(Source);

    /// <summary>Chooses: what was set, else <c>.wskprops</c>, else the built-in one.</summary>
    /// <param name="settings">What was set.</param>
    /// <exception cref="CommandException">Credentials are missing, or a value cannot be used.</exception>
    public static OpenWhiskChoice Make(HostSettings settings)
    {
        try
        {
            return Make(settings, settings.OpenWhisk?.Value == LocalName ? null : WskProps.Load());
        }
        catch (OpenWhiskException e)
        {
            throw CommandException.Usage(e.Message, e);
        }
    }

    private static OpenWhiskChoice Make(HostSettings settings, WskProps? props)
    {
        if (settings.OpenWhisk is { } given)
            return given.Value == LocalName ? LocalOne(settings, given.Source) : ExternalOne(settings, props, OpenWhiskOptions.ParseApiHost(given.Value, given.Source), given.Source);
        return props?.ApiHost is { } host
            ? ExternalOne(settings, props, host, $"APIHOST in {props.Path}")
            : LocalOne(settings, "nothing else is set");
    }

    private static Local LocalOne(HostSettings settings, string source) =>
        new(settings.Auth is { } auth ? OpenWhiskOptions.ParseAuth(auth.Value, auth.Source) : null, source);

    private static External ExternalOne(HostSettings settings, WskProps? props, Uri host, string source)
    {
        // Credentials go to the host that they were stored with, never to another one.
        var sameHost = props?.ApiHost is null || props.ApiHost == host;
        var auth = settings.Auth is { } given ? OpenWhiskOptions.ParseAuth(given.Value, given.Source)
            : sameHost && props?.Auth is { } stored ? stored
            : KeptCredentials.Find(settings.DataDirectory, host) is { } kept ? OpenWhiskOptions.ParseAuth(kept, "credentials.json in the data directory")
            : throw CommandException.Usage(
                $"There are no credentials for the OpenWhisk at {host.AbsoluteUri.TrimEnd('/')}{(props?.Auth is null ? "" : $" (those in {props.Path} are for {props.ApiHost})")}. "
                + "Give them with --auth UUID:KEY or Orchestration__Auth in the environment; 'wsk property get --auth' prints them.");
        var options = new OpenWhiskOptions { ApiHost = host, Auth = auth, Insecure = settings.Insecure ?? false };
        if (sameHost && props is not null)
            options = options with { Namespace = props.Namespace ?? options.Namespace, ApiVersion = props.ApiVersion ?? options.ApiVersion };
        return new External(options, source);
    }
}
