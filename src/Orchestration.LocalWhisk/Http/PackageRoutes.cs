using Microsoft.AspNetCore.Http;
using Orchestration.LocalWhisk.Actions;
using Orchestration.LocalWhisk.Packages;
using Orchestration.LocalWhisk.Running;
using Orchestration.LocalWhisk.Storage;

namespace Orchestration.LocalWhisk.Http;

/// <summary><c>/api/v1/namespaces/{ns}/packages…</c></summary>
internal sealed class PackageRoutes(LocalWhiskOptions options, PackageStore packages, ActionStore actions, ActionResolver resolver, Invoker invoker)
{
    private const string Collection = "packages";

    // The parameters of a package, and what surrounds them.
    private readonly int _maxBodyBytes = options.MaxPayloadBytes + (64 * 1024);

    public Task HandleAsync(Call call, IReadOnlyList<string> path)
    {
        if (path.Count == 0)
            return HttpMethods.IsGet(call.Method) ? ListAsync(call) : throw ApiException.BadMethod("GET");
        if (path.Count > 1)
            throw ApiException.UnknownPath();
        EntityName.Require(path[0]);
        return call.Method switch
        {
            "GET" => ReplyAsync(call, Find(path[0])),
            "PUT" => PutAsync(call, path[0]),
            "DELETE" => DeleteAsync(call, path[0]),
            _ => throw ApiException.BadMethod("DELETE, GET, PUT"),
        };
    }

    private Task ListAsync(Call call)
    {
        var (limit, skip) = (call.Query.Limit(Collection), call.Query.Skip(Collection));
        var all = packages.List();
        return call.Query.Flag("count", otherwise: false)
            ? call.ReplyCountAsync(Collection, all.Count - skip)
            : call.ReplyListAsync(all.Skip(skip).Take(limit), (writer, package) => PackageJson.WriteSummary(writer, package, options.Namespace));
    }

    private async Task PutAsync(Call call, string name)
    {
        if (name == "default")
            throw new ApiException(400, "Package name 'default' is reserved.");
        Body.RequireSize(call.Request, _maxBodyBytes);
        var overwrite = call.Query.Flag("overwrite", otherwise: false);
        var json = await Body.ReadAsync(call.Request, _maxBodyBytes, call.Context.RequestAborted);
        if (json.Length == 0)
            throw new ApiException(400, "Request entity expected but not supplied");
        if (actions.Find(new ActionName(null, name)) is not null)
            throw ApiException.OtherCollection();
        var update = new PackageUpdate(options, packages.Find);
        var (_, package) = packages.Put(name, overwrite, stored => update.Apply(name, json, stored, call.Received));
        RetireActions(package);
        await ReplyAsync(call, package);
    }

    private Task DeleteAsync(Call call, string name)
    {
        var package = Find(name);
        var contents = package.Binding is null ? actions.List(name) : [];
        if (contents.Count > 0 && !call.Query.Flag("force", otherwise: false))
            throw new ApiException(409, $"Package not empty (contains {contents.Count} {(contents.Count == 1 ? "entity" : "entities")}). Set force param or delete package contents.");
        foreach (var action in contents)
            invoker.Retire(actions.Delete(action.Name));
        return ReplyAsync(call, packages.Delete(name));
    }

    private Task ReplyAsync(Call call, WhiskPackage package)
    {
        var (home, parameters) = resolver.Inherited(package);
        return call.ReplyAsync(200, writer => PackageJson.WriteFull(writer, package, options.Namespace, parameters, home is null ? [] : actions.List(home)));
    }

    // A process may have parameters of the package in its environment.
    private void RetireActions(WhiskPackage package)
    {
        foreach (var action in resolver.Inherited(package).Home is { } home ? actions.List(home) : [])
            invoker.Retire(action);
    }

    private WhiskPackage Find(string name) =>
        packages.Find(name) ?? throw new ApiException(404, $"The requested resource '{options.Namespace}/{name}' does not exist.");
}
