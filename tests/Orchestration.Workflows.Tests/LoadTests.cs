namespace Orchestration.Workflows.Tests;

public class LoadTests
{
    [Fact]
    public void A_missing_file_is_named()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "nothing.yaml");

        Assert.Equal($"{path}: there is no such file; check the path and the folder you are in.", Assert.Throws<WorkflowException>(() => WorkflowFile.Load(path)).Message);
    }

    [Fact]
    public void A_folder_is_no_workflow()
    {
        using var folder = new TemporaryFolder();

        Assert.Equal($"{folder.Path}: this is a folder; name the workflow file in it, such as workflow.yaml.", Assert.Throws<WorkflowException>(() => WorkflowFile.Load(folder.Path)).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void A_path_that_is_none_is_an_error_without_stack_trace(string path)
    {
        Assert.StartsWith($"{path}: the file cannot be read: ", Assert.Throws<WorkflowException>(() => WorkflowFile.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("w.yaml", [0x6e, 0xff, 0xfe, 0x00]);

        Assert.Equal($"{path}: the file is not UTF-8 text; save it as UTF-8.", Assert.Throws<WorkflowException>(() => WorkflowFile.Load(path)).Message);
    }

    [Fact]
    public void A_byte_order_mark_does_not_matter()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("w.yaml", [0xef, 0xbb, 0xbf, .. "name: w\nstep: 1"u8]);

        Assert.Equal([(1, 1), (2, 1)], Assert.Throws<WorkflowException>(() => WorkflowFile.Load(path)).Problems.Select(p => (p.Line, p.Column)));
    }

    [Fact]
    public void A_missing_file_of_an_action_is_reported_where_it_is_named()
    {
        using var folder = new TemporaryFolder();
        folder.Write("there.py", "");
        var path = folder.Write("w.yaml", "name: w\nactions:\n  a: { file: there.py }\n  b: { file: actions/gone.py }\nsteps: [{ id: s, action: a }]");

        Assert.Equal(
            $"{path}:4:14: there is no file 'actions/gone.py' for the action 'b'; the path is relative to the workflow file's folder.",
            Assert.Throws<WorkflowException>(() => WorkflowFile.Load(path)).Message);
    }
}
