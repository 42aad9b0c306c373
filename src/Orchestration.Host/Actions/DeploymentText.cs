using System.Globalization;
using Orchestration.Host.Terminals;
using Orchestration.OpenWhisk;

namespace Orchestration.Host.Actions;

/// <summary>Tells of deployments.</summary>
internal static class DeploymentText
{
    public static string Done(DeploymentPlan plan, WhiskAccess whisk) => plan.State switch
    {
        DeploymentState.New => $"{plan.Action.Name}: created on {whisk.Place} ({Describe(plan.Executable)})",
        DeploymentState.Different => $"{plan.Action.Name}: updated on {whisk.Place} ({Describe(plan.Executable)})",
        _ => $"{plan.Action.Name}: unchanged on {whisk.Place}",
    };

    public static void PrintPlan(ActionBuild build, DeploymentPlan plan, WhiskAccess whisk, Terminal terminal)
    {
        var deed = plan.State switch
        {
            DeploymentState.New => $"would be created on {whisk.Place}",
            DeploymentState.Different => $"would be replaced on {whisk.Place}, with --update",
            _ => $"is the same on {whisk.Place}; nothing would be sent",
        };
        terminal.Say($"{plan.Action.Name}: {deed}");
        terminal.Say($"  {Describe(plan.Executable)}{(plan.Action.Main is { } main ? $", calls {main}" : "")}{Limits(plan.Action)}");
        if (build.Files.Count == 0 && plan.Action.File.Length > 0)
            terminal.Say($"  {plan.Action.File}");
        foreach (var (top, files) in build.Files.GroupBy(Top).Select(g => (g.Key, g.Count())))
            terminal.Say(top.EndsWith('/') ? $"  {top} ({Humanize.Count(files, "file")})" : $"  {top}");
    }

    // Of packages there may be thousands of files.
    private static string Top(string name)
    {
        var parts = name.Split('/');
        return parts.Length == 1 ? name : parts[0] is "virtualenv" && parts.Length > 5 && parts[3] == "site-packages" ? string.Join('/', parts[..5]) + "/" : parts[0] == "node_modules" && parts.Length > 2 ? $"{parts[0]}/{parts[1]}/" : parts[0] is "virtualenv" ? name : parts[0] + "/";
    }

    private static string Describe(ActionExecutable executable)
    {
        var size = Humanize.Bytes(executable.IsBinary ? executable.Code.Length / 4L * 3 : executable.Code.Length);
        var code = executable.Code.Length == 0 ? "" : executable.IsBinary ? $", archive of {size}" : $", {size} of source";
        return executable.Image is { } image ? $"image {image}{code}" : executable.Kind + code;
    }

    private static string Limits(ActionDeployment action)
    {
        var limits = new List<string>();
        if (action.Timeout is { } timeout)
            limits.Add($"timeout {Humanize.Duration(timeout)}");
        if (action.MemoryMegabytes is { } memory)
            limits.Add(string.Create(CultureInfo.InvariantCulture, $"memory {memory} MB"));
        return limits.Count == 0 ? "" : "; " + string.Join(", ", limits);
    }
}
