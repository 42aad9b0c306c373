using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Sharing;

/// <summary>Several writers of one object, as processes of the local OpenWhisk with real files.</summary>
public sealed partial class SharedObjectTests : Workplace
{
    private const string Book = "book/visitors.txt";

    // Each appender marks in the object when it began and when it was done; what another one puts in between would be lost or stand between the two.
    private const string Marks = """
        import os
        import time
        from object_store import store
        from object_store.settings import from_environment

        def append(objects, context, line):
            try:
                objects.get_sync(context, "book", "marks.txt")
            except store.NoSuchKeyException:
                open("book/marks.txt", "w").close()
            with open("book/marks.txt", "a") as marks:
                marks.write(line + "\n")
            objects.put_sync(context, "book", "marks.txt")

        @store.action
        def main(args):
            while not os.path.exists(args["gate"]):
                time.sleep(0.05)
            objects = store.ObjectStore(from_environment()[0], ["book"])
            append(objects, args["context"], "start " + args["name"])
            time.sleep(0.2)
            append(objects, args["context"], "stop " + args["name"])
            return {}
        """;

    [Fact]
    public async Task Five_appenders_of_one_object_over_two_orchestrations_are_never_two_at_once()
    {
        Write("mark.py", Marks);
        Write("marks.yaml", """
            name: marks
            params: { names: [], gate: "" }
            actions: { mark: { file: mark.py } }
            steps:
              - { id: mark, action: mark, foreach: "${{ params.names }}", with: { name: "${{ item }}", gate: "${{ params.gate }}" }, writes: [book/marks.txt] }
            """);
        await using var first = HostProcess.Start(Folder, "run", "marks.yaml", "-p", "names=[\"a0\",\"a1\",\"a2\"]", "-p", $"gate={PathOf("gate")}");
        await first.WaitForLineAsync("mark: 3 actions");
        await using var second = HostProcess.Start(Folder, "run", "marks.yaml", "-p", "names=[\"b0\",\"b1\"]", "-p", $"gate={PathOf("gate")}");
        await second.WaitForLineAsync("mark: 2 actions");
        Write("gate", "");
        (await second.WaitAsync()).MustExitWith(0);
        (await first.WaitAsync()).MustExitWith(0);

        var lines = await File.ReadAllLinesAsync(StorePath("book/marks.txt"), TestContext.Current.CancellationToken);
        Assert.Equal(10, lines.Length);
        for (var i = 0; i < lines.Length; i += 2)
            Assert.Equal(("start", lines[i]["start ".Length..]), ("start", lines[i + 1]["stop ".Length..]));
        Assert.Equal(["a0", "a1", "a2", "b0", "b1"], lines.Where(l => l.StartsWith("start ", StringComparison.Ordinal)).Select(l => l["start ".Length..]).Order());
    }

    [Fact]
    public async Task The_documents_visitors_book_is_made_again_by_all_its_writers_of_two_runs_in_their_order()
    {
        WriteVisitors();
        var one = (await RunAsync("run", "visitors.yaml", "--json")).MustExitWith(0).Json();
        Assert.Equal(3, one.GetProperty("output").GetInt32());
        var two = (await RunAsync("run", "visitors.yaml", "-p", "names=[\"Dan\",\"Eve\"]", "--json")).MustExitWith(0).Json();
        Assert.Equal(5, two.GetProperty("output").GetInt32());
        var written = await File.ReadAllTextAsync(StorePath(Book), TestContext.Current.CancellationToken);
        Assert.Equal("Dan\nEve\n", written[^8..]);
        File.Delete(StorePath(Book));

        var id = one.GetProperty("orchId").GetString()!;
        var plan = (await RunAsync("runs", "heal", id, "--plan", "--json")).MustExitWith(0).Json();
        Assert.Equal(5, plan.GetProperty("jobs").GetArrayLength());
        var healed = (await RunAsync("runs", "heal", id, "--json")).MustExitWith(0).Json();

        Assert.Equal(written, await File.ReadAllTextAsync(StorePath(Book), TestContext.Current.CancellationToken));
        Assert.Equal((5, 1), (healed.GetProperty("totals").GetProperty("recoveries").GetInt32(), healed.GetProperty("totals").GetProperty("recoveredObjects").GetInt32()));
    }

    [Fact]
    public async Task A_reader_that_finds_it_lost_has_all_writers_run_again_once()
    {
        WriteVisitors();
        var made = (await RunAsync("run", "visitors.yaml", "--json")).MustExitWith(0).Json();
        Assert.Equal(3, made.GetProperty("output").GetInt32());
        File.Delete(StorePath(Book));
        Write("readers.yaml", """
            name: readers
            actions: { count: { file: count.py } }
            steps:
              - { id: read, action: count, foreach: [1, 2, 3], reads: [book/visitors.txt] }
            output: "${{ steps.read.result[*].lines }}"
            """);

        var report = (await RunAsync("run", "readers.yaml", "--json")).MustExitWith(0).Json();

        Assert.Equal([3, 3, 3], report.GetProperty("output").EnumerateArray().Select(n => n.GetInt32()));
        Assert.Equal(3, report.GetProperty("totals").GetProperty("recoveries").GetInt32());
    }

    [Fact]
    public async Task A_writer_whose_grant_is_over_gets_an_error_that_says_so_and_changes_nothing()
    {
        WriteVisitors();
        (await RunAsync("run", "visitors.yaml", "--json")).MustExitWith(0);
        var written = await File.ReadAllTextAsync(StorePath(Book), TestContext.Current.CancellationToken);

        // As if a later writer had been there: its number is higher than the one that the next action gets.
        var number = Path.Combine(Folder, ".orchestration", "store", ".fencing", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Book))));
        Assert.True(File.Exists(number), $"no {number}");
        await File.WriteAllTextAsync(number, "1000", TestContext.Current.CancellationToken);
        var result = (await RunAsync("run", "visitors.yaml", "-p", "names=[\"Late\"]")).MustExitWith(1);

        Assert.Contains("FencingTokenStale", result.All, StringComparison.Ordinal);
        Assert.Contains("1000", result.All, StringComparison.Ordinal);
        Assert.Equal(written, await File.ReadAllTextAsync(StorePath(Book), TestContext.Current.CancellationToken));
    }

    private string StorePath(string key) => Path.Combine(Folder, ".orchestration", "store", key);

    /// <summary>Writes the files that the document shows.</summary>
    private void WriteVisitors()
    {
        var document = File.ReadAllText(Path.Combine(SourceTree, "docs", "lineage.md"));
        foreach (Match file in ShownFile().Matches(document))
            Write(file.Groups["name"].Value, file.Groups["text"].Value);
        Assert.True(File.Exists(PathOf("visitors.yaml")) && File.Exists(PathOf("sign.py")) && File.Exists(PathOf("count.py")));
    }

    [GeneratedRegex("```(?:yaml|python)\n# (?<name>[a-z]+\\.(?:yaml|py))\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex ShownFile();
}
