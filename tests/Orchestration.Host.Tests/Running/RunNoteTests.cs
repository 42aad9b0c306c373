using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Host.Running;

namespace Orchestration.Host.Tests.Running;

public sealed class RunNoteTests
{
    [Fact]
    public void A_note_is_read_as_it_was_written()
    {
        var note = new RunNote
        {
            WorkflowFile = "/films/flow.yaml",
            Gets = [new Transfer(ObjectKey.Of("out", "a/b.txt"), "/films/b.txt"), new Transfer(null, "/films/output")],
            Insecure = true,
            PoolSize = 7,
            BlockingWait = TimeSpan.FromMilliseconds(250),
            Demo = new DemoNote("/films/clip.mp4", "720p"),
        };

        var read = RunNote.Read(note.ToJson());

        Assert.Equal(note.Gets, read.Gets);
        Assert.Equal(note with { Gets = [] }, read with { Gets = [] });
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"v": 2, "gets": 5}""")]
    [InlineData("""{"v": "mine"}""")]
    public void What_another_client_kept_with_its_run_gives_an_empty_note(string json)
    {
        var read = RunNote.Read(JsonBytes.Parse(json));

        Assert.Empty(read.Gets);
        Assert.Null(read.WorkflowFile);
    }
}
