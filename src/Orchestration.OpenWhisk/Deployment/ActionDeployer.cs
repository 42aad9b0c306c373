using System.Text.Json;
using Orchestration.Core.Json;
using Orchestration.OpenWhisk.Http;

namespace Orchestration.OpenWhisk;

/// <summary>Puts actions on OpenWhisk from files, as <c>wsk action update</c> does.</summary>
/// <param name="options">Where and as whom.</param>
/// <exception cref="OpenWhiskException">A setting is not usable.</exception>
public sealed class ActionDeployer(OpenWhiskOptions options) : IDisposable
{
    private static readonly TimeSpan UploadTimeout = TimeSpan.FromMinutes(5);

    private readonly WhiskConnection _connection = new(options);

    /// <summary>Creates the action, or replaces its code and the limits that are given. A package that is not there is made.</summary>
    /// <param name="action">The action.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>A task that ends when OpenWhisk has taken the action.</returns>
    /// <exception cref="OpenWhiskException">The file cannot be used, or OpenWhisk cannot be reached or refuses; the message names the action.</exception>
    public async Task DeployAsync(ActionDeployment action, CancellationToken cancellation = default)
    {
        if (!ActionTarget.TryParse(action.Name, options.Namespace, out var target, out var problem))
            throw new OpenWhiskException(problem);
        await PutAsync(target, action, await ActionExecutable.ReadAsync(action, cancellation), cancellation);
    }

    /// <summary>Reads what would be sent and compares it with what is there.</summary>
    /// <param name="action">The action.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What is to be done.</returns>
    /// <exception cref="OpenWhiskException">As from <see cref="DeployAsync"/>.</exception>
    public async Task<DeploymentPlan> PlanAsync(ActionDeployment action, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(action);
        if (!ActionTarget.TryParse(action.Name, options.Namespace, out var target, out var problem))
            throw new OpenWhiskException(problem);
        var executable = await ActionExecutable.ReadAsync(action, cancellation);
        using var reply = await Answers.GetAsync(_connection, target.Path, cancellation);
        var state = reply.Status switch
        {
            // It has more code than is read of an answer, so it is to be sent again.
            _ when reply.TooLong => DeploymentState.Different,
            200 => Answers.TryParse(reply) is { RootElement.ValueKind: JsonValueKind.Object } stored && ExistingAction.Equals(stored.RootElement, action, executable) ? DeploymentState.Same : DeploymentState.Different,
            404 when reply.ErrorText() is not null => DeploymentState.New,
            _ => throw Answers.Refused(_connection.Place, reply, $"tell of {target}"),
        };
        return new DeploymentPlan(action, target.ToString(), state, executable);
    }

    /// <summary>Does what was planned; nothing when the same is there already.</summary>
    /// <param name="plan">From <see cref="PlanAsync"/>.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>A task that ends when OpenWhisk has taken the action.</returns>
    /// <exception cref="OpenWhiskException">OpenWhisk cannot be reached or refuses.</exception>
    public async Task ApplyAsync(DeploymentPlan plan, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.State == DeploymentState.Same)
            return;
        if (!ActionTarget.TryParse(plan.Action.Name, options.Namespace, out var target, out var problem))
            throw new OpenWhiskException(problem);
        await PutAsync(target, plan.Action, plan.Executable, cancellation);
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _connection.Dispose();

    private async Task PutAsync(ActionTarget target, ActionDeployment action, ActionExecutable executable, CancellationToken cancellation)
    {
        var body = Body(action, executable);
        if (await TryPutAsync(target, action, body, cancellation))
            return;
        await MakePackageAsync(target, cancellation);
        if (!await TryPutAsync(target, action, body, cancellation))
            throw new OpenWhiskException($"{target}: there is no package '{target.Package}' at {_connection.Place}, and it did not come to be when it was made. Make it with 'wsk package create {target.Package}'.");
    }

    /// <summary>Sends the action.</summary>
    /// <returns>False when its package is not there.</returns>
    private async Task<bool> TryPutAsync(ActionTarget target, ActionDeployment action, JsonBytes body, CancellationToken cancellation)
    {
        var content = new OnceContent(body.Utf8, default);
        using var reply = await Answers.OrThrow(_connection.SendAsync(HttpMethod.Put, _connection.Url(target.Path + "?overwrite=true"), content, UploadTimeout, cancellation));
        if (reply.Status == 200)
            return true;
        if (reply.Status == 404 && target.Package is not null && reply.ErrorText() is not null)
            return false;
        throw reply.Status switch
        {
            409 => new OpenWhiskException($"{target}: its name belongs to something else at {_connection.Place} (409: {reply.ErrorText()}). Choose another name, or remove that one."),
            413 => new OpenWhiskException($"{target}: '{action.File}' is too large for {_connection.Place} (413: {reply.ErrorText() ?? "refused by a proxy"}). Make the archive smaller, or raise the limit of the server or its proxy."),
            _ => Answers.Refused(_connection.Place, reply, $"take {target} from '{action.File}'"),
        };
    }

    private async Task MakePackageAsync(ActionTarget target, CancellationToken cancellation)
    {
        var content = new OnceContent("{}"u8.ToArray(), default);
        var path = $"/{Uri.EscapeDataString(target.Namespace)}/packages/{Uri.EscapeDataString(target.Package!)}";
        using var reply = await Answers.OrThrow(_connection.SendAsync(HttpMethod.Put, _connection.Url(path), content, UploadTimeout, cancellation));
        // 409: somebody else made it in between.
        if (reply.Status is not (200 or 409))
            throw Answers.Refused(_connection.Place, reply, $"make the package '{target.Package}' of {target} ('wsk package create {target.Package}' makes one)");
    }

    private static JsonBytes Body(ActionDeployment action, ActionExecutable executable) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartObject("exec");
        writer.WriteString("kind", executable.Kind);
        if (executable.Image is not null)
            writer.WriteString("image", executable.Image);
        if (executable.Code.Length > 0)
            writer.WriteString("code", executable.Code);
        if (action.Main is not null)
            writer.WriteString("main", action.Main);
        writer.WriteEndObject();
        writer.WriteStartObject("limits");
        Number(writer, "timeout", (long?)action.Timeout?.TotalMilliseconds);
        Number(writer, "memory", action.MemoryMegabytes);
        Number(writer, "logs", action.LogMegabytes);
        Number(writer, "concurrency", action.Concurrency);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    private static void Number(Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } number)
            writer.WriteNumber(name, number);
    }
}
