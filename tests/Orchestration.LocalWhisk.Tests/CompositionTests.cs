using System.Text.Json;
using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests;

/// <summary>Sequences and conductors beyond the conformance list.</summary>
public sealed class CompositionTests(SharedWhisk shared)
{
    private const string Api = TestWhisk.Api;

    private readonly TestWhisk _whisk = shared.Whisk;

    [Fact]
    public async Task An_array_goes_from_one_component_to_the_next()
    {
        await _whisk.DeployAsync("cmp-list", "def main(args):\n    return [1, 2]\n");
        await _whisk.DeployAsync("cmp-sum", "def main(args):\n    return {'sum': sum(args)}\n");
        await _whisk.PutSequenceAsync("cmp-array", "cmp-list", "cmp-sum");
        Assert.Equal("""{"sum":3}""", await ResultAsync("cmp-array"));
    }

    [Fact]
    public async Task A_sequence_within_a_sequence_has_a_record_of_its_own_that_is_not_the_topmost()
    {
        await _whisk.PutSequenceAsync("cmp-inner", "echo", "echo");
        await _whisk.PutSequenceAsync("cmp-outer", "cmp-inner", "echo");
        var outer = await _whisk.RecordAsync((await _whisk.CallAsync("cmp-outer", """{"a":1}""")).ActivationId!);
        var inner = (await _whisk.ComponentsAsync(outer))[0];
        Assert.Equal(("cmp-inner", false), (inner.GetProperty("name").GetString(), inner.Annotation("topmost")!.Value.GetBoolean()));
        Assert.Equal(outer.GetProperty("activationId").GetString(), inner.GetProperty("cause").GetString());
        Assert.Equal(2, inner.GetProperty("logs").GetArrayLength());
    }

    [Theory]
    [InlineData("[]", "No component specified for the sequence.")]
    [InlineData("""["/_/cmp-nowhere"]""", "Sequence component does not exist.")]
    [InlineData("""["/_/cmp-self"]""", "Sequence may not refer to itself.")]
    public async Task A_sequence_of_nothing_of_what_is_not_there_or_of_itself_is_refused(string components, string error) =>
        (await _whisk.PutActionAsync("cmp-self", $$$"""{"exec":{"kind":"sequence","components":{{{components}}}}}""")).IsRefusal(400, error);

    [Fact]
    public async Task A_sequence_that_comes_to_more_than_50_actions_is_refused()
    {
        await _whisk.PutSequenceAsync("cmp-26", Enumerable.Repeat("echo", 26));
        var twice = JsonSerializer.Serialize(new { exec = new { kind = "sequence", components = (string[])["/_/cmp-26", "/_/cmp-26"] } });
        (await _whisk.PutActionAsync("cmp-52", twice)).IsRefusal(400, "Too many actions in the sequence.");
    }

    [Fact]
    public async Task A_sequence_can_be_made_an_action_with_code_which_does_not_get_its_components_as_parameters()
    {
        await _whisk.PutSequenceAsync("cmp-turns", "echo");
        Assert.Equal("""["/guest/echo"]""", (await _whisk.GetAsync($"{Api}/actions/cmp-turns")).Json.GetProperty("exec").GetProperty("components").GetRawText());
        await _whisk.DeployAsync("cmp-turns", Sources.Echo);
        Assert.Equal("""{"a":1}""", await ResultAsync("cmp-turns", """{"a":1}"""));
    }

    [Fact]
    public async Task A_component_that_was_deleted_meanwhile_ends_the_sequence()
    {
        await _whisk.DeployAsync("cmp-gone", Sources.Echo);
        await _whisk.PutSequenceAsync("cmp-lacks", "echo", "cmp-gone");
        await _whisk.SendAsync(HttpMethod.Delete, $"{Api}/actions/cmp-gone");
        var reply = await _whisk.CallAsync("cmp-lacks");
        Assert.Equal((502, "Sequence component does not exist."), (reply.Status, ErrorOf(reply)));
    }

    [Fact]
    public async Task A_conductor_may_handle_the_failure_of_a_component()
    {
        await _whisk.DeployAsync("cmp-fails", "def main(args):\n    return {'error': 'boom'}\n");
        await _whisk.DeployConductorAsync("cmp-tries", "def main(args):\n    return {'params': {'caught': args['error']}} if 'error' in args else {'action': '/_/cmp-fails'}\n");
        Assert.Equal("""{"caught":"boom"}""", await ResultAsync("cmp-tries"));
    }

    [Theory]
    [InlineData("'cmp-nowhere'", "Failed to resolve action with name 'cmp-nowhere' during composition.")]
    [InlineData("7", "Failed to parse action name from json value 7 during composition.")]
    [InlineData("'/other/a'", "Failed entitlement check for action with name '/other/a' during composition.")]
    public async Task A_conductor_is_told_of_an_action_that_cannot_run(string action, string error)
    {
        var name = $"cmp-told-{action.Length}";
        await _whisk.DeployConductorAsync(name, $"def main(args):\n    return {{'params': {{'told': args['error']}}}} if 'error' in args else {{'action': {action}}}\n");
        Assert.Equal(error, JsonDocument.Parse(await ResultAsync(name)).RootElement.GetProperty("told").GetString());
    }

    [Fact]
    public async Task What_is_no_object_is_boxed()
    {
        await _whisk.DeployConductorAsync("cmp-boxes", "def main(args):\n    return {'params': args} if 'state' in args else {'action': 'echo', 'params': 1, 'state': 2}\n");
        Assert.Equal("""{"value":1,"state":2}""", await ResultAsync("cmp-boxes"));
    }

    [Fact]
    public async Task A_conductor_that_never_ends_is_ended()
    {
        await _whisk.DeployConductorAsync("cmp-endless", "def main(args):\n    return {'action': 'cmp-nowhere'}\n");
        var reply = await _whisk.CallAsync("cmp-endless");
        Assert.Equal((502, "Too many actions in the composition."), (reply.Status, ErrorOf(reply)));
        Assert.Equal(101, reply.Json.GetProperty("logs").GetArrayLength());
    }

    [Fact]
    public async Task A_composition_takes_no_place_in_flight_and_its_components_are_not_refused()
    {
        await using var whisk = await TestWhisk.StartAsync(o => o with { MaxInFlight = 1 });
        await whisk.DeployAsync("echo", Sources.Echo);
        await whisk.PutSequenceAsync("twice", "echo", "echo");
        Assert.Equal("""{"a":1}""", (await whisk.CallAsync("twice", """{"a":1}""", "?blocking=true&result=true")).Text);
    }

    [Fact]
    public async Task One_that_a_stop_cut_short_has_a_record_after_the_next_start()
    {
        var directory = TestWhisk.NewDirectory();
        string id;
        await using (var whisk = await TestWhisk.StartAsync(o => o, directory))
        {
            await whisk.DeployAsync("sleep", Sources.Sleep);
            await whisk.PutSequenceAsync("naps", "sleep", "sleep");
            id = (await whisk.CallAsync("naps", """{"ms":60000}""", "")).ActivationId!;
        }
        await using (var whisk = await TestWhisk.StartAsync(o => o, directory))
        {
            var record = await whisk.RecordAsync(id);
            Assert.Equal(("whisk internal error", "sequence"), (record.GetProperty("response").GetProperty("status").GetString(), record.Annotation("kind")!.Value.GetString()));
        }
        Directory.Delete(directory, recursive: true);
    }

    private async Task<string> ResultAsync(string name, string json = "{}")
    {
        var reply = await _whisk.CallAsync(name, json, "?blocking=true&result=true");
        Assert.True(reply.Status == 200, reply.Text);
        return reply.Text;
    }

    private static string? ErrorOf(Reply reply) => reply.Json.GetProperty("response").GetProperty("result").GetProperty("error").GetString();
}
