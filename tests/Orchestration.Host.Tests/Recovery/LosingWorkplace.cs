using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Recovery;

/// <summary>A folder with workflows of links, whose objects can be lost.</summary>
public abstract class LosingWorkplace : GatedWorkplace
{
    private protected string Store => PathOf(".orchestration/store/b");

    /// <summary>Writes a workflow of links, each after the one before it.</summary>
    /// <param name="links">Name, what it reads and what it writes, and the file that it waits for; none for an empty one.</param>
    /// <returns>The workflow's file.</returns>
    private protected string WriteLinks(params (string Name, string In, string Out, string Gate)[] links)
    {
        Write("link.py", LinkAction.Source(Folder));
        return Write("links.yaml", $$"""
            name: links
            actions: { link: { file: link.py } }
            steps:
            {{string.Join('\n', links.Select((l, i) => $"  - {{ id: {l.Name}, action: link, {(i == 0 ? "" : $"needs: {links[i - 1].Name}, ")}retry: {{ retries: 0 }}, with: {{ name: {l.Name}, in: [{l.In}], out: [{l.Out}], gate: '{l.Gate}' }} }}"))}}
            """);
    }

    private protected void Lose(params string[] names)
    {
        foreach (var name in names)
            File.Delete(Path.Combine(Store, name));
    }

    private protected string Content(string name) => File.ReadAllText(Path.Combine(Store, name));

    private protected int CallsOf(string name) => Calls().Count(call => call == name);
}
