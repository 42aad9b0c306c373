using System.Net;
using Orchestration.Host.Api;
using Orchestration.Host.Api.Access;
using Orchestration.Host.Commands;
using Orchestration.Host.Logs;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Running;

/// <summary>Checks what a service is to stand on and how it is reached, before anything is opened.</summary>
internal static class ServiceSetup
{
    /// <summary>Checks everything.</summary>
    public static void Check(HostSettings settings, SettingProblems problems)
    {
        var whisk = problems.Try(() => OpenWhiskChoice.Make(settings));
        problems.Try(() => RunStorage.Of(settings));
        (problems.Try(() => ObjectStores.Open(settings, whisk is OpenWhiskChoice.Local)) as IDisposable)?.Dispose();
        problems.Try(() => ReadApi(settings))?.Listening?.Certificate?.Dispose();
        problems.Try(() => ReadLogDirectory(settings));
    }

    /// <summary>Reads how the API is reached.</summary>
    /// <exception cref="CommandException">It cannot be reached so.</exception>
    public static ApiServerOptions ReadApi(HostSettings settings)
    {
        var service = settings.Service;
        var keys = KeysCommand.FileOf(settings);
        return new ApiServerOptions(keys, AuditLog.DefaultPath(settings.DataDirectory))
        {
            IsService = true,
            RateLimit = service.RateLimit ?? ApiServerOptions.DefaultRateLimit,
            Listening = ReadListening(service, () => keys.Read().Count > 0),
        };
    }

    /// <summary>Reads where the runs' own logs go.</summary>
    /// <returns>The folder; null for none.</returns>
    /// <exception cref="CommandException">It cannot be written to.</exception>
    public static string? ReadLogDirectory(HostSettings settings) =>
        settings.Service.LogDirectory is { } given ? RunLogs.Check(given.Value, given.Source) : null;

    private static Listening? ReadListening(ServiceSettings service, Func<bool> hasKeys)
    {
        if (service.Listen is not { } listen)
        {
            return (service.TlsCertificate ?? service.TlsKey)?.Source is { } unused
                ? throw CommandException.Usage($"{unused}: TLS is made where {ServiceOptions.Listen.Name} tells to listen, and it is not given.")
                : null;
        }
        var address = Listening.ParseAddress(listen.Value, listen.Source);
        if (service.TlsCertificate is null != service.TlsKey is null)
            throw CommandException.Usage($"{(service.TlsCertificate ?? service.TlsKey)!.Source}: TLS takes both {ServiceOptions.TlsCertificate.Name} and {ServiceOptions.TlsKey.Name}.");
        var behindProxy = service.BehindProxy ?? false;
        if (!IPAddress.IsLoopback(address.Address) && service.TlsCertificate is null && !behindProxy)
        {
            throw CommandException.Usage(
                $"{listen.Source}: {listen.Value} can be reached from other machines, and keys would cross the network in plain text. Give {ServiceOptions.TlsCertificate.Name} and {ServiceOptions.TlsKey.Name}, "
                + $"or {ServiceOptions.BehindProxy.Name} when a reverse proxy makes TLS, or listen on 127.0.0.1.");
        }
        var listening = new Listening(address, service.TlsCertificate is { } certificate ? TlsCertificate.Open(certificate.Value, service.TlsKey!.Value) : null, behindProxy);
        return listening.IsPublic && !hasKeys()
            ? throw CommandException.Usage($"{listen.Source}: {listen.Value} can be used by others than this user's programs, and nobody has an API key. Make one first: {CommandName.Text} keys add NAME")
            : listening;
    }
}
