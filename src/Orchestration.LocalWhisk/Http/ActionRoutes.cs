using Microsoft.AspNetCore.Http;
using Orchestration.LocalWhisk.Actions;
using Orchestration.LocalWhisk.Activations;
using Orchestration.LocalWhisk.Faults;
using Orchestration.LocalWhisk.Running;
using Orchestration.LocalWhisk.Storage;

namespace Orchestration.LocalWhisk.Http;

/// <summary><c>/api/v1/namespaces/{ns}/actions…</c></summary>
internal sealed class ActionRoutes(
    LocalWhiskOptions options, ActionStore actions, PackageStore packages, ActionResolver resolver, Invoker invoker, Runtimes runtimes, MinuteThrottle throttle, FaultPlan faults)
{
    private const string Collection = "actions";

    // OpenWhisk's cap on any body, well above the largest action.
    private const int MaxBodyBytes = 50 * 1024 * 1024;

    public Task HandleAsync(Call call, IReadOnlyList<string> path)
    {
        if (path.Count == 0)
            return HttpMethods.IsGet(call.Method) ? ListAsync(call, actions.List()) : throw ApiException.BadMethod("GET");
        foreach (var part in path)
            EntityName.Require(part);
        if (path.Count > 2)
            throw ApiException.UnknownPath();
        // The actions of a package are those below its name.
        if (path.Count == 1 && call.EndsWithSlash && HttpMethods.IsGet(call.Method))
            return ListAsync(call, actions.List(resolver.Inherited(packages.Find(path[0]) ?? throw ApiException.Missing()).Home ?? throw ApiException.Missing()));
        var name = path.Count == 1 ? new ActionName(null, path[0]) : new ActionName(path[0], path[1]);
        return call.Method switch
        {
            "GET" => GetAsync(call, name),
            "PUT" => PutAsync(call, name),
            "DELETE" => DeleteAsync(call, name),
            "POST" => InvokeAsync(call, name),
            _ => throw ApiException.BadMethod("DELETE, GET, POST, PUT"),
        };
    }

    private Task ListAsync(Call call, IReadOnlyList<WhiskAction> all)
    {
        var (limit, skip) = (call.Query.Limit(Collection), call.Query.Skip(Collection));
        return call.Query.Flag("count", otherwise: false)
            ? call.ReplyCountAsync(Collection, all.Count - skip)
            : call.ReplyListAsync(all.Skip(skip).Take(limit), (writer, action) => ActionJson.WriteSummary(writer, action, options.Namespace));
    }

    private Task GetAsync(Call call, ActionName name)
    {
        var withCode = call.Query.Flag("code", otherwise: true);
        return ReplyAsync(call, Find(name), withCode);
    }

    private async Task PutAsync(Call call, ActionName name)
    {
        resolver.RequireHome(name);
        RequireNoPackage(name);
        Body.RequireSize(call.Request, MaxBodyBytes);
        var overwrite = call.Query.Flag("overwrite", otherwise: false);
        var json = await Body.ReadAsync(call.Request, MaxBodyBytes, call.Context.RequestAborted);
        if (json.Length == 0)
            throw new ApiException(400, "Request entity expected but not supplied");
        var body = ActionBody.Parse(json);
        var update = new ActionUpdate(options, runtimes.ConcreteKind, new SequenceCheck(options.Namespace, resolver));
        var (old, action) = actions.Put(name, overwrite, stored => update.Apply(name, body, stored, call.Received));
        if (old is not null)
            invoker.Retire(old);
        await ReplyAsync(call, new ResolvedAction(action, action.Parameters, null), withCode: true);
    }

    private Task DeleteAsync(Call call, ActionName name)
    {
        resolver.RequireHome(name);
        RequireNoPackage(name);
        var action = actions.Delete(name);
        invoker.Retire(action);
        return ReplyAsync(call, new ResolvedAction(action, action.Parameters, null), withCode: true);
    }

    private Task ReplyAsync(Call call, ResolvedAction action, bool withCode) =>
        call.ReplyAsync(200, writer => ActionJson.WriteFull(writer, action.Action, options.Namespace, action.Parameters, withCode));

    private ResolvedAction Find(ActionName name)
    {
        if (resolver.Find(name) is { } action)
            return action;
        RequireNoPackage(name);
        throw ApiException.Missing();
    }

    private void RequireNoPackage(ActionName name)
    {
        if (name.Package is null && packages.Find(name.Name) is not null)
            throw ApiException.OtherCollection();
    }

    private async Task InvokeAsync(Call call, ActionName name)
    {
        throttle.Count(call.Received);
        invoker.RequireRoom();
        Body.RequireSize(call.Request, options.MaxPayloadBytes);
        var (isBlocking, wantsResult) = (call.Query.Flag("blocking", otherwise: false), call.Query.Flag("result", otherwise: false));
        var wait = call.Query.Wait(options.MaxBlockingWait);
        var body = await Body.ReadAsync(call.Request, options.MaxPayloadBytes, call.Context.RequestAborted);
        ActionArguments.RequireObject(body);
        var action = Find(name);
        var activation = invoker.Accept(action, ActionArguments.Merge(action, body), call.TransactionId, call.Received);
        if (faults.Strikes(FaultKind.ResetAfter))
        {
            call.Context.Abort();
            return;
        }
        call.Context.Response.Headers["x-openwhisk-activation-id"] = activation.IdText;
        if (isBlocking && !faults.Strikes(FaultKind.Force202) && await EndedInTimeAsync(call, activation, wait))
            await ReplyAsync(call, await activation.Completion, wantsResult);
        else
            await ReplyAcceptedAsync(call, activation);
    }

    private static async Task<bool> EndedInTimeAsync(Call call, Activation activation, TimeSpan wait)
    {
        try
        {
            await activation.Completion.WaitAsync(wait, call.Context.RequestAborted);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        catch (TaskCanceledException) when (activation.Completion.IsCanceled)
        {
            // It was accepted, but its end will be seen by nobody: not an outcome that this header would announce.
            call.Context.Response.Headers.Remove("x-openwhisk-activation-id");
            throw ApiException.Unavailable();
        }
    }

    private static Task ReplyAcceptedAsync(Call call, Activation activation) => call.ReplyAsync(202, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("activationId"u8, activation.IdText);
        writer.WriteEndObject();
    });

    private Task ReplyAsync(Call call, CompletedActivation completed, bool wantsResult)
    {
        var outcome = completed.Outcome;
        var status = outcome.Status switch
        {
            OutcomeStatus.Success => 200,
            OutcomeStatus.WhiskError => 500,
            _ => 502,
        };
        // A quirk of the real platform (issue 5500): an array comes without its record.
        var isArray = outcome.Result[0] == (byte)'[';
        return call.ReplyAsync(status, wantsResult || isArray ? outcome.Result : RecordJson.Full(completed, options.Namespace, []));
    }
}
