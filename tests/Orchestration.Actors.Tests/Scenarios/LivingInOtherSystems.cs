using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Persistence;
using Akka.Persistence.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestration.Actors.Client;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>An application's own actor system: what the orchestrator asks of it, and what it leaves alone.</summary>
public sealed class LivingInOtherSystems
{
    private static readonly Platform Where = new("http://openwhisk.test", "guest", "");

    [Theory]
    [InlineData("", "'akka.persistence.journal.inmem'")]
    [InlineData("akka.persistence.journal.plugin = akka.persistence.journal.inmem", "'akka.persistence.journal.inmem'")]
    [InlineData("orchestration.journal-plugin = mine\nmine { class = \"Akka.Persistence.Journal.MemoryJournal, Akka.Persistence\", plugin-dispatcher = akka.actor.default-dispatcher }", "'mine'")]
    [InlineData("orchestration.journal-plugin = shared\nshared { class = \"Akka.Persistence.Journal.SharedMemoryJournal, Akka.Persistence\", plugin-dispatcher = akka.actor.default-dispatcher }", "'shared'")]
    public async Task A_journal_that_forgets_is_refused(string settings, string named)
    {
        using var host = Make("forgetful", settings, new ScriptedInvoker());

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());

        var reason = Assert.IsType<ConfigurationException>(refused.GetBaseException());
        Assert.Contains(named, reason.Message, StringComparison.Ordinal);
        Assert.Contains("AllowInMemoryJournal", reason.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_systems_of_one_process_do_not_know_each_other()
    {
        var (left, right) = (new ScriptedInvoker(), new ScriptedInvoker());
        using var first = Make("left", "", left, o => o.AllowInMemoryJournal());
        using var second = Make("right", "", right, o => o.AllowInMemoryJournal());
        await Task.WhenAll(first.StartAsync(), second.StartAsync());
        var id = OrchestrationId.Parse("6b0d0fb0b3041d268f3b7685");
        foreach (var (host, n) in ((IHost, int)[])[(first, 1), (second, 2)])
        {
            var run = await host.Services.GetRequiredService<IOrchestrationClient>().StartAsync(new StartRequest("same") { Id = id });
            Assert.Equal(JsonBytes.Parse($$"""{"n":{{n}}}"""), (await run.MakeActionsAsync([new("echo", JsonBytes.Parse($$"""{"n":{{n}}}"""))]))[0].Result);
            await run.CompleteAsync();
        }

        Assert.Equal((1, 1), (left.Invoked.Count, right.Invoked.Count));
        await Task.WhenAll(first.StopAsync(), second.StopAsync());
    }

    [Fact]
    public async Task The_rest_of_the_system_stays_as_it_was()
    {
        using var with = Make("with", "", new ScriptedInvoker(), o => o.AllowInMemoryJournal());
        using var without = Make("without", "", null);
        await Task.WhenAll(with.StartAsync(), without.StartAsync());
        var system = with.Services.GetRequiredService<ActorSystem>();
        var other = without.Services.GetRequiredService<ActorSystem>();
        Persistence.Instance.Apply(other);
        var (mine, plain) = (system.Settings.Config, other.Settings.Config);

        foreach (var path in (string[])["akka.actor.provider", "akka.actor.default-dispatcher", "akka.actor.internal-dispatcher", "akka.loggers", "akka.loglevel", "akka.scheduler", "akka.coordinated-shutdown", "akka.persistence.journal.plugin", "akka.persistence.snapshot-store.plugin"])
            Assert.Equal(plain.GetValue(path)?.ToString(), mine.GetValue(path)?.ToString());
        Assert.False(mine.HasPath("akka.cluster"));
        // Everything of it is below one actor.
        var others = await system.ActorSelection("/user/*").ResolveOne(TimeSpan.FromSeconds(5));
        Assert.Equal("/user/orchestration", others.Path.ToStringWithoutAddress());
        await Task.WhenAll(with.StopAsync(), without.StopAsync());
    }

    private static IHost Make(string name, string settings, ScriptedInvoker? invoker, Action<OrchestrationOptions>? options = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        builder.Services.AddAkka(name, akka =>
        {
            akka.AddHocon("akka.stdout-loglevel = OFF\nakka.loglevel = OFF\n" + settings, HoconAddMode.Prepend).WithInMemorySnapshotStore();
            if (invoker is not null)
                akka.WithOrchestration(o =>
                {
                    o.UseInvoker(_ => invoker, Where);
                    options?.Invoke(o);
                });
        });
        builder.Services.AddOrchestrationClient();
        return builder.Build();
    }
}
