using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Akka.DependencyInjection;
using Akka.Hosting;
using Akka.Persistence;
using Akka.Persistence.Journal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestration.Actors.Client;
using Orchestration.Actors.Journal;
using Orchestration.Actors.Orchestrators;
using Orchestration.Actors.Secrets;
using Orchestration.Core.Pipelines;

namespace Orchestration.Actors.Hosting;

/// <summary>Key of the orchestration's entry actor in the <see cref="ActorRegistry"/>.</summary>
public sealed class OrchestrationRegion;

/// <summary>Adds the orchestrator to anybody's actor system.</summary>
public static class OrchestrationHostingExtensions
{
    /// <summary>The settings that apply where neither code nor the application's HOCON says otherwise (<c>hocon/orchestration.conf</c>).</summary>
    /// <returns>The configuration.</returns>
    public static Config DefaultConfig() => ConfigurationFactory.FromResource("orchestration.conf", typeof(OrchestrationHostingExtensions).Assembly);

    /// <summary>Looks whether settings can be used, before a system is made with them.</summary>
    /// <param name="config">The application's HOCON; what it leaves out has its default.</param>
    /// <exception cref="ConfigurationException">A value cannot be used; the message names it.</exception>
    public static void CheckConfig(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        _ = OrchestrationSettings.From(config.WithFallback(DefaultConfig()), new OrchestrationOptions());
    }

    /// <summary>
    /// Adds the orchestrator's actors under <c>/user/orchestration</c>, its defaults (weakest) and its serializer. Journal and snapshot store are the application's:
    /// the system's default plugins, or those that <c>orchestration.journal-plugin</c> and <c>orchestration.snapshot-plugin</c> name. Remoting, cluster, loggers and
    /// dispatchers are left alone.
    /// </summary>
    /// <param name="builder">The actor system's builder.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ConfigurationException">When the system starts: no invoker was set, a number is out of range, or the journal is in memory and <see cref="OrchestrationOptions.AllowInMemoryJournal"/> was not called.</exception>
    public static AkkaConfigurationBuilder WithOrchestration(this AkkaConfigurationBuilder builder, Action<OrchestrationOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new OrchestrationOptions();
        configure(options);
        if (options.Invoker is not { } invoker || options.Platform is not { } platform)
            throw new ConfigurationException("WithOrchestration needs to know how to invoke actions; call o.UseInvoker(…).");
        return builder
            .AddHocon(DefaultConfig(), HoconAddMode.Append)
            .WithActors((system, registry) =>
            {
                var settings = OrchestrationSettings.From(system.Settings.Config, options);
                if (!options.InMemoryJournalAllowed)
                    RefuseInMemoryJournal(system, settings.JournalPlugin);
                var services = DependencyResolver.For(system).Resolver is ServiceProviderDependencyResolver resolver ? resolver.ServiceProvider : EmptyServices.Instance;
                var pipelines = options.Pipelines.Append(new HealPipeline()).ToDictionary(p => p.Kind);
                var programs = new Programs(options.Programs, CreateClient(system, new RequiredActor<OrchestrationRegion>(registry)));
                var secrets = new SecretVault(options.Secrets?.Invoke(services));
                var store = options.ObjectStore?.Invoke(services);
                var leases = options.Leases?.Invoke(services);
                var guardian = system.ActorOf(Props.Create(() => new OrchestrationGuardian(settings, platform, Owner(), invoker(services), options.Catalog == null ? null : options.Catalog(services), pipelines, programs, secrets, store, leases)), "orchestration");
                registry.Register<OrchestrationRegion>(guardian);
            });
    }

    /// <summary>Registers <see cref="IOrchestrationClient"/> for code outside the actor system.</summary>
    /// <param name="services">The application's services, which also hold the actor system.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddOrchestrationClient(this IServiceCollection services)
    {
        services.TryAddSingleton<IOrchestrationClient>(provider =>
        {
            var system = provider.GetRequiredService<ActorSystem>();
            return CreateClient(system, provider.GetRequiredService<IRequiredActor<OrchestrationRegion>>());
        });
        return services;
    }

    /// <summary>Makes a client for a system that is not built from services.</summary>
    /// <param name="system">The actor system, with <see cref="WithOrchestration"/>.</param>
    /// <returns>The client.</returns>
    public static IOrchestrationClient CreateClient(ActorSystem system) => CreateClient(system, new RequiredActor<OrchestrationRegion>(ActorRegistry.For(system)));

    private static OrchestrationClient CreateClient(ActorSystem system, IRequiredActor<OrchestrationRegion> region)
    {
        var settings = OrchestrationSettings.From(system.Settings.Config.WithFallback(DefaultConfig()), new OrchestrationOptions());
        return new OrchestrationClient(system, region, settings.CallTimeout, new JournalReader(system, settings.JournalPlugin));
    }

    // A system without a journal of its own gets Akka's in memory, which forgets every orchestration with the process.
    private static void RefuseInMemoryJournal(ActorSystem system, string plugin)
    {
        Persistence.Instance.Apply(system);
        var config = system.Settings.Config;
        var id = plugin.Length > 0 ? plugin : config.GetString("akka.persistence.journal.plugin");
        if (Type.GetType(config.GetString(id + ".class", ""), throwOnError: false)?.IsAssignableTo(typeof(MemoryJournal)) == true)
            throw new ConfigurationException($"The journal '{id}' keeps everything in memory: a run would be lost with its process. Add one that lasts, such as .WithSqlitePersistence(\"data\") or .WithMongoDbPersistence(…), or name it in orchestration.journal-plugin. For a test call o.AllowInMemoryJournal().");
    }

    private static string Owner()
    {
        using var process = Process.GetCurrentProcess();
        return string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName} pid {process.Id} since {process.StartTime.ToUniversalTime():yyyy-MM-ddTHH:mm:ssZ}");
    }

    private sealed class EmptyServices : IServiceProvider
    {
        public static EmptyServices Instance { get; } = new();

        public object? GetService(Type serviceType) => null;
    }
}
