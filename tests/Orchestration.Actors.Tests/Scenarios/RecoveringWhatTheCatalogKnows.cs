using Orchestration.Actors.Hosting;
using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Actions;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Recovery;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>Actions that tell of their objects in MongoDB and not in their replies, as those of the Python system do.</summary>
public sealed class RecoveringWhatTheCatalogKnows : ObjectScenario
{
    private readonly HistoryCatalog _catalog = new();

    public RecoveringWhatTheCatalogKnows()
    {
        var run = Invoker.OnInvoke;
        Invoker.OnInvoke = async request =>
        {
            var reply = await run(request);
            if (reply is InvokeReply.Succeeded { Objects.Writes: var writes } succeeded)
            {
                foreach (var write in writes)
                    _catalog.Record(write.Object, request.OrchestrationId, new LineageAction(request.ActionId, new ActionSpec(request.Name, request.Parameters), [.. succeeded.Objects.Reads.Select(r => r.Object)], request.Name));
            }
            return reply switch
            {
                InvokeReply.Succeeded s => s with { Objects = ObjectReport.None },
                InvokeReply.Failed f => f with { Objects = ObjectReport.None },
                _ => reply,
            };
        };
    }

    [Fact]
    public async Task What_an_action_of_the_same_run_wrote_is_made_again_by_it()
    {
        var run = await StartAsync();
        await MakeAsync(run, Act("make", [], "b/1", "b/2"));
        await MakeAsync(run, Act("use", ["b/1"], "b/3"));
        var before = Store.Get("b/3");
        Store.Lose("b/1", "b/3");
        ForgetWhatRan();

        var results = await MakeAsync(run, Act("last", ["b/3"], "b/4"));

        Assert.True(results[0].Success);
        // The chain is followed through the catalog too.
        Assert.Equal(["last", "make", "use", "last"], Ran);
        Assert.Equal(before, Store.Get("b/3"));
    }

    protected override void Options(OrchestrationOptions options)
    {
        base.Options(options);
        options.UseCatalog(_ => _catalog);
    }
}
