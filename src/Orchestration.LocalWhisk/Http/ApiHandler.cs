using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Orchestration.LocalWhisk.Actions;
using Orchestration.LocalWhisk.Faults;

namespace Orchestration.LocalWhisk.Http;

/// <summary>Answers every request: checks who asks, finds the route, and turns what goes wrong into the error envelope.</summary>
internal sealed class ApiHandler(
    LocalWhiskOptions options, Gate gate, InfoRoutes info, ActionRoutes actions, PackageRoutes packages, ActivationRoutes activations, FaultyCalls faults, FaultRoutes faultRoutes)
{
    private readonly ILogger _logger = options.LoggerFactory.CreateLogger<ApiHandler>();

    public async Task HandleAsync(HttpContext context)
    {
        var call = new Call(context);
        try
        {
            gate.CheckOrigin(call);
            await RouteAsync(call);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller hung up; what it started goes on.
        }
        catch (ApiException e)
        {
            if (e.Allow is { } methods)
                context.Response.Headers.Allow = methods;
            await call.ReplyErrorAsync(e.Status, e.Message);
        }
        catch (BadHttpRequestException e)
        {
            await call.ReplyErrorAsync(e.StatusCode, e.Message);
        }
#pragma warning disable CA1031 // The last resort of a server: one failed request must not be more than that.
        catch (Exception e) when (!context.Response.HasStarted)
#pragma warning restore CA1031
        {
            _logger.LogError(e, "{Method} {Path} failed: {Problem}", context.Request.Method, context.Request.Path, e.Message);
            // A caller takes this header to mean that an activation exists, and here that is not known.
            context.Response.Headers.Remove("x-openwhisk-activation-id");
            await call.ReplyErrorAsync(500, e is IOException or UnauthorizedAccessException ? $"There was an internal server error. The data directory cannot be written to: {e.Message}" : "There was an internal server error.");
        }
    }

    private Task RouteAsync(Call call)
    {
        if (HttpMethods.IsOptions(call.Method))
        {
            call.Context.Response.StatusCode = 200;
            return Task.CompletedTask;
        }
        switch (call.Segments)
        {
            case []:
                return Get(call, info.ControllerAsync);
            case ["ping"]:
                return Get(call, InfoRoutes.PingAsync);
            case ["api", "v1"]:
                return Get(call, InfoRoutes.ApiAsync);
            case ["api", "v1", ..] or ["local", "metrics" or "faults"]:
                gate.CheckCredentials(call);
                return RouteAuthenticatedAsync(call);
            default:
                throw ApiException.UnknownPath();
        }
    }

    private Task RouteAuthenticatedAsync(Call call)
    {
        switch (call.Segments)
        {
            case ["local", "metrics"]:
                return Get(call, info.MetricsAsync);
            case ["local", "faults"]:
                return faultRoutes.HandleAsync(call);
            case ["api", "v1", "namespaces"]:
                return Get(call, info.NamespacesAsync);
            case ["api", "v1", "namespaces", var ns, var collection, .. var rest] when collection is "actions" or "packages" or "activations" or "limits":
                RequireOwnNamespace(ns, rest);
                return RouteCollectionAsync(call, collection, rest);
            default:
                throw ApiException.UnknownPath();
        }
    }

    private async Task RouteCollectionAsync(Call call, string collection, List<string> rest)
    {
        if (await faults.StrikesAsync(call, collection))
            return;
        await (collection switch
        {
            "actions" => actions.HandleAsync(call, rest),
            "packages" => packages.HandleAsync(call, rest),
            "activations" => activations.HandleAsync(call, rest),
            _ when rest.Count == 0 => Get(call, info.LimitsAsync),
            _ => throw ApiException.UnknownPath(),
        });
    }

    private static Task Get(Call call, Func<Call, Task> reply) =>
        HttpMethods.IsGet(call.Method) ? reply(call) : throw ApiException.BadMethod("GET");

    private void RequireOwnNamespace(string ns, IReadOnlyList<string> rest)
    {
        if (ns == "_" || ns == options.Namespace)
            return;
        EntityName.RequireNamespace(ns);
        throw new ApiException(403, $"The supplied authentication is not authorized to access '{string.Join('/', rest.Prepend(ns))}'.");
    }
}
