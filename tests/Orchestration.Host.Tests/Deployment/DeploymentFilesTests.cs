using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestration.Host.Commands;
using Orchestration.Host.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace Orchestration.Host.Tests.Deployment;

/// <summary>The files of <c>deploy/</c>, as far as they can be looked at where there is no container engine: what they name is there, what they set can be set.</summary>
public sealed partial class DeploymentFilesTests : Workplace
{
    private static string Deploy => Path.Combine(SourceTree, "deploy");

    private static string Compose => Path.Combine(Deploy, "compose", "compose.yaml");

    private static string Kubernetes(string name) => Path.Combine(Deploy, "kubernetes", name);

    [Fact]
    public async Task Every_setting_that_they_name_exists()
    {
        var known = (await RunAsync("config", "show", "--json")).MustExitWith(0).Json().GetProperty("settings").EnumerateArray().Select(s => s.GetProperty("name").GetString()!).ToHashSet(StringComparer.Ordinal);
        var named = Directory.EnumerateFiles(Deploy, "*", SearchOption.AllDirectories).SelectMany(f => SettingNames().Matches(File.ReadAllText(f)).Select(m => (File: f, Name: m.Groups[1].Value))).ToList();
        Assert.True(named.Count > 10);
        Assert.All(named, n => Assert.Contains(n.Name, known));
    }

    [Fact]
    public void Their_commands_are_commands_of_the_program()
    {
        var compose = (YamlMappingNode)Assert.Single(Load(Compose));
        var service = Map(Map(compose, "services"), "orchestration");
        MustParse(List(service, "command"));
        MustParse(List(Map(Objects(Kubernetes("deployment.yaml"))["Deployment"], "spec", "template", "spec"), "containers", 0, "args"));
        var docker = File.ReadAllLines(Path.Combine(Deploy, "docker", "Dockerfile"));
        Assert.Equal("""ENTRYPOINT ["dotnet", "/app/Orchestration.Host.dll"]""", docker.Single(l => l.StartsWith("ENTRYPOINT", StringComparison.Ordinal)));
        MustParse(JsonSerializer.Deserialize<string[]>(docker.Single(l => l.StartsWith("CMD ", StringComparison.Ordinal))[4..])!);
        var start = Unit()["ExecStart"].Split(' ');
        Assert.Equal(["/usr/bin/dotnet", "/opt/orchestration/Orchestration.Host.dll"], start[..2]);
        MustParse(start[2..]);

        static void MustParse(IReadOnlyList<string> arguments) => Assert.Empty(CommandLine.Create().Parse(arguments).Errors);
    }

    [Fact]
    public void What_the_image_copies_is_there_and_its_user_owns_its_data()
    {
        var docker = File.ReadAllLines(Path.Combine(Deploy, "docker", "Dockerfile"));
        var copied = docker.Where(l => l.StartsWith("COPY ", StringComparison.Ordinal) && !l.Contains("--from", StringComparison.Ordinal)).SelectMany(l => l.Split(' ')[1..^1]).ToList();
        Assert.NotEmpty(copied);
        Assert.All(copied, c => Assert.True(Path.Exists(Path.Combine(SourceTree, c)), c));
        // What the host's project takes of other folders is among them.
        var project = File.ReadAllText(Path.Combine(SourceTree, "src", "Orchestration.Host", "Orchestration.Host.csproj"));
        Assert.All(OutsideFolders().Matches(project).Select(m => m.Groups[1].Value), folder => Assert.Contains(copied, c => folder.StartsWith(c, StringComparison.Ordinal)));
        Assert.Contains("USER 1654:1654", docker);
        Assert.Contains("ENV Orchestration__DataDir=/data", docker);
        var pod = Map(Objects(Kubernetes("deployment.yaml"))["Deployment"], "spec", "template", "spec");
        Assert.Equal("1654", Text(Map(pod, "securityContext"), "runAsUser"));
        var compose = (YamlMappingNode)Assert.Single(Load(Compose));
        var build = Map(compose, "services", "orchestration", "build");
        Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(Compose)!, Text(build, "context"), Text(build, "dockerfile"))));
    }

    [Fact]
    public void Objects_of_kubernetes_name_each_other_and_routes_that_there_are()
    {
        var (deployment, ingress) = (Objects(Kubernetes("deployment.yaml")), Objects(Kubernetes("ingress.yaml")));
        var (configuration, secrets) = (Objects(Kubernetes("configuration.yaml")), Load(Kubernetes("secret.example.yaml")).Select(s => Text(Map((YamlMappingNode)s, "metadata"), "name")).ToList());
        Assert.Equal(("1", "Recreate"), (Text(Map(deployment["Deployment"], "spec"), "replicas"), Text(Map(deployment["Deployment"], "spec", "strategy"), "type")));
        var pod = Map(deployment["Deployment"], "spec", "template", "spec");
        var container = (YamlMappingNode)((YamlSequenceNode)pod["containers"])[0];
        var sources = ((YamlSequenceNode)container["envFrom"]).Cast<YamlMappingNode>().ToList();
        Assert.Equal(Text(Map(configuration["ConfigMap"], "metadata"), "name"), Text(Map(sources[0], "configMapRef"), "name"));
        Assert.Contains(Text(Map(sources[1], "secretRef"), "name"), secrets);
        var volumes = ((YamlSequenceNode)pod["volumes"]).Cast<YamlMappingNode>().ToDictionary(v => Text(v, "name"));
        Assert.Contains(Text(Map(volumes["keys"], "secret"), "secretName"), secrets);
        Assert.Equal(Text(Map(deployment["PersistentVolumeClaim"], "metadata"), "name"), Text(Map(volumes["data"], "persistentVolumeClaim"), "claimName"));
        var mounts = ((YamlSequenceNode)container["volumeMounts"]).Cast<YamlMappingNode>().ToDictionary(m => Text(m, "name"), m => Text(m, "mountPath"));
        Assert.Equal(volumes.Keys.Order(), mounts.Keys.Order());
        Assert.StartsWith(mounts["keys"] + "/", Text(Map(configuration["ConfigMap"], "data"), "Orchestration__KeysFile"), StringComparison.Ordinal);
        Assert.Equal("/data", mounts["data"]);
        Assert.Equal(["/health/live", "/health/ready"], new[] { "livenessProbe", "readinessProbe" }.Select(p => Text(Map(container, p, "httpGet"), "path")));
        Assert.Equal(Map(deployment["Deployment"], "spec", "selector", "matchLabels").ToString(), Map(deployment["Service"], "spec", "selector").ToString());
        var backend = Map((YamlMappingNode)((YamlSequenceNode)Map((YamlMappingNode)((YamlSequenceNode)Map(ingress["Ingress"], "spec")["rules"])[0], "http")["paths"])[0], "backend", "service");
        Assert.Equal(Text(Map(deployment["Service"], "metadata"), "name"), Text(backend, "name"));
        // The end of a pod takes at least as long as the service waits.
        Assert.True(int.Parse(Text(pod, "terminationGracePeriodSeconds"), System.Globalization.CultureInfo.InvariantCulture) > int.Parse(Text(Map(configuration["ConfigMap"], "data"), "Orchestration__Drain").TrimEnd('s'), System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void The_unit_waits_for_the_notice_and_has_a_folder_to_write_to()
    {
        var unit = Unit();
        Assert.Equal("notify", unit["Type"]);
        Assert.Equal($"/var/lib/{unit["StateDirectory"]}", unit["WorkingDirectory"]);
        Assert.Equal($"Orchestration__DataDir={unit["WorkingDirectory"]}", unit["Environment"]);
        Assert.True(int.Parse(unit["TimeoutStopSec"], System.Globalization.CultureInfo.InvariantCulture) > 30);
    }

    [Fact]
    public void Every_variable_of_the_compose_file_is_in_its_example_and_every_file_is_described()
    {
        var example = File.ReadAllLines(Path.Combine(Deploy, "compose", "environment.example")).Where(l => l.Contains('=', StringComparison.Ordinal)).Select(l => l.Split('=')[0]).Order();
        Assert.Equal(example, ComposeVariables().Matches(File.ReadAllText(Compose)).Select(m => m.Groups[1].Value).Distinct().Order());
        var described = File.ReadAllText(Path.Combine(SourceTree, "docs", "operating.md"));
        Assert.All(["docker/Dockerfile", "compose/compose.yaml", "compose/environment.example", "kubernetes/configuration.yaml", "kubernetes/secret.example.yaml", "kubernetes/deployment.yaml", "kubernetes/ingress.yaml", "systemd/orchestration.service"],
            file =>
            {
                Assert.True(File.Exists(Path.Combine(Deploy, file)));
                Assert.Contains($"deploy/{file}", described, StringComparison.Ordinal);
            });
    }

    private static Dictionary<string, string> Unit() => File.ReadAllLines(Path.Combine(Deploy, "systemd", "orchestration.service"))
        .Where(l => l.Contains('=', StringComparison.Ordinal) && !l.StartsWith('#')).Select(l => l.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);

    private static List<YamlNode> Load(string file)
    {
        var stream = new YamlStream();
        using var reader = File.OpenText(file);
        stream.Load(reader);
        return [.. stream.Documents.Select(d => d.RootNode)];
    }

    private static Dictionary<string, YamlMappingNode> Objects(string file) => Load(file).Cast<YamlMappingNode>().ToDictionary(o => Text(o, "kind"));

    private static YamlMappingNode Map(YamlMappingNode node, params string[] path) => path.Aggregate(node, (at, name) => (YamlMappingNode)at[name]);

    private static string Text(YamlMappingNode node, string name) => ((YamlScalarNode)node[name]).Value!;

    private static List<string> List(YamlMappingNode node, string name) => [.. ((YamlSequenceNode)node[name]).Select(i => ((YamlScalarNode)i).Value!)];

    private static List<string> List(YamlMappingNode node, string name, int index, string inner) => List((YamlMappingNode)((YamlSequenceNode)node[name])[index], inner);

    [GeneratedRegex("Orchestration__([A-Za-z]+)")]
    private static partial Regex SettingNames();

    [GeneratedRegex(@"Include=""\.\./\.\./([a-z]+(/[a-z]+)?)/")]
    private static partial Regex OutsideFolders();

    [GeneratedRegex(@"\$\{([A-Z_]+):\?\}")]
    private static partial Regex ComposeVariables();
}
