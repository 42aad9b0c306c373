using System.Text.RegularExpressions;
using Orchestration.Host.Commands;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Commands;

/// <summary>The examples of the documents can be typed, and those of <c>docs/cli.md</c> print what stands there.</summary>
public sealed partial class DocumentationTests : Workplace
{
    private const string Half = """
        name: half
        actions: { half: { file: half.py } }
        steps:
          - { id: half, action: half, foreach: [one, bad, three], with: { item: "${{ item }}" }, retry: { retries: 2, initial: 500ms } }
        """;

    private const string Tour = """
        name: tour
        actions: { greet: { file: greet.py, timeout: 1m } }
        steps:
          - { id: thumbs, action: img/shrink }
          - { id: greet, action: greet }
          - { id: again, action: greet }
        """;

    public static TheoryData<string> CommandLines =>
    [
        .. new[] { "README.md", "docs/cli.md", "docs/workflows.md", "docs/actions.md", "docs/orchestrators.md", "samples/hello/README.md", "samples/transcoder/README.md", "samples/chatbot/README.md" }
            .SelectMany(file => Blocks(File.ReadAllText(Path.Combine(SourceTree, file))))
            .SelectMany(block => block.Split('\n'))
            .Where(line => Typed().IsMatch(line) && !line.Contains('[', StringComparison.Ordinal) && !line.Contains("bash|zsh", StringComparison.Ordinal))
            .Distinct(),
    ];

    [Theory]
    [MemberData(nameof(CommandLines))]
    public void A_command_line_of_the_documents_is_one(string line)
    {
        var arguments = Arguments().Matches(Typed().Match(line).Groups["arguments"].Value).Select(m => m.Value.Trim('"')).ToArray();

        var parsed = CommandLine.Create().Parse(arguments);

        // What the documents show as a mistake is one.
        var isMistake = line.Contains("lst", StringComparison.Ordinal) || line.Contains("fligth", StringComparison.Ordinal);
        Assert.Equal(isMistake, Suggestions.UnknownOptions(parsed).Count + parsed.Errors.Count > 0);
    }

    [Fact]
    public async Task The_command_line_prints_what_its_document_says()
    {
        var examples = Blocks(await File.ReadAllTextAsync(Path.Combine(SourceTree, "docs", "cli.md"), TestContext.Current.CancellationToken))
            .Where(b => b.StartsWith('$')).GroupBy(b => b.Split('\n')[0]).ToDictionary(g => g.Key, g => g.First()[g.Key.Length..].Trim('\n'));
        Directory.CreateSymbolicLink(PathOf("samples"), Path.Combine(SourceTree, "samples"));
        Write("half.py", "def main(args):\n    if args['item'] == 'bad':\n        return {'error': {'code': 'Bad', 'message': 'no luck', 'meta': None}}\n    return {'got': args['item']}\n");
        Write("half.yaml", Half);

        await PrintsAsync("$ ./orchestration run samples/hello/workflow.yaml -p input=Ada", 0);
        var half = await PrintsAsync("$ ./orchestration run half.yaml", 1);
        var id = Ids().Match(half).Value;
        await PrintsAsync("$ ./orchestration runs show 6b07e266", 0, id);
        await PrintsAsync("$ ./orchestration runs show 6b07e266 --status failed", 0, id);
        await PrintsAsync("$ ./orchestration runs lst", 2);
        await PrintsAsync("$ ./orchestration run half.yaml --max-in-fligth 3", 2);
        await PrintsAsync("$ ./orchestration version", 0);

        await using var whisk = await WhiskOfTest.StartAsync(Folder);
        Write("greet.py", "def main(args):\n    return {}\n");
        Write("tour.yaml", Tour);
        await PrintsAsync("$ ./orchestration run tour.yaml --openwhisk http://127.0.0.1:3233 --auth \"$AUTH\"", 1, url: whisk.Url(), auth: whisk.Auth);

        async Task<string> PrintsAsync(string example, int exitCode, string? id = null, string? url = null, string? auth = null)
        {
            var arguments = Arguments().Matches(Typed().Match(example).Groups["arguments"].Value)
                .Select(m => m.Value == "6b07e266" ? id! : m.Value == "http://127.0.0.1:3233" ? url! : m.Value == "\"$AUTH\"" ? auth! : m.Value).ToArray();
            var result = (await HostProcess.RunAsync(Folder, new Dictionary<string, string> { ["ORCHESTRATION_COMMAND"] = "./orchestration" }, arguments)).MustExitWith(exitCode);
            var shown = Plain(result.Output + result.Errors);
            // Dots stand for what the document leaves out.
            foreach (var part in Regex.Split(examples[example], @"^\.\.\.$", RegexOptions.Multiline))
                Assert.Contains(Plain(part), shown, StringComparison.Ordinal);
            return result.Output;
        }
    }

    private static IEnumerable<string> Blocks(string markdown) => Fences().Matches(markdown).Select(m => m.Groups["block"].Value);

    // Without what differs from run to run: ids, times, sizes, versions, and the widths of columns that follow from them.
    private static string Plain(string text)
    {
        text = Ids().Replace(text, "ID");
        text = Regex.Replace(text, @"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME");
        text = Regex.Replace(text, @"127\.0\.0\.1:\d+", "HOST");
        text = Regex.Replace(text, @"\d[\d.]*( min \d+)? (ms|s)\b", "SPAN");
        text = Regex.Replace(text, @"\d+\.\d+\.\d+(\+[0-9a-f]+)?", "VERSION");
        text = Regex.Replace(text, @"the next (is in SPAN|follows at once)", "the next is in SPAN");
        return Regex.Replace(text, @"\s+", " ").Trim();
    }

    [GeneratedRegex(@"^```[a-z]*\n(?<block>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fences();

    [GeneratedRegex(@"^(\$ )?([A-Za-z_]+=\S+ )*\./orchestration (?<arguments>[^|<>]*?)( 2>.*| \|.*)?$")]
    private static partial Regex Typed();

    [GeneratedRegex(@"""[^""]*""|\S+")]
    private static partial Regex Arguments();

    [GeneratedRegex(@"\b([0-9a-f]{24}|[0-9a-f]{32})\b")]
    private static partial Regex Ids();
}
