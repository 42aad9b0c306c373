using Microsoft.AspNetCore.Http;
using Orchestration.LocalWhisk.Http;

namespace Orchestration.LocalWhisk.Faults;

/// <summary>Lets the faults strike that answer in the API's stead, on calls of actions and on reads of activations.</summary>
internal sealed class FaultyCalls(FaultPlan plan)
{
    private static readonly byte[] BadGateway =
        "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"u8.ToArray();

    /// <returns>Whether the request is answered, or its connection broken, and must not go on.</returns>
    /// <exception cref="ApiException">The fault is an error of the API's own form.</exception>
    public async Task<bool> StrikesAsync(Call call, string collection)
    {
        var isInvocation = collection == "actions" && HttpMethods.IsPost(call.Method);
        if (!isInvocation && collection != "activations")
            return false;
        if (plan.Strikes(FaultKind.Slow, out var time))
            await Task.Delay(time, call.Context.RequestAborted);
        if (plan.Strikes(FaultKind.ResetBefore))
        {
            call.Context.Abort();
            return true;
        }
        if (isInvocation && plan.IsInBurst())
            throw new ApiException(429, "Too many requests in the last minute (count: 61, allowed: 60).");
        if (plan.Strikes(FaultKind.Error500))
            throw new ApiException(500, "There was an internal server error.");
        if (plan.Strikes(FaultKind.Error503))
            throw ApiException.Unavailable();
        if (!plan.Strikes(FaultKind.Html502))
            return false;
        await call.ReplyAsync(502, BadGateway, "text/html");
        return true;
    }
}
