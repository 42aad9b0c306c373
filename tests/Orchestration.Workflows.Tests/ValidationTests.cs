namespace Orchestration.Workflows.Tests;

public class ValidationTests
{
    [Theory]
    [InlineData("", "1:1 the file is empty; a workflow has at least a name and steps, a file of parameters a map.")]
    [InlineData("# only a comment\n", "1:1 the file is empty; a workflow has at least a name and steps, a file of parameters a map.")]
    [InlineData("just text", "1:1 the workflow is the text 'just text'; it takes a map with name, params, secrets, defaults, actions, steps, output.")]
    [InlineData("name: w\nsteps:\n  - { id: s, action: a\n\n", "3:23 not valid YAML: While parsing a flow mapping, did not find expected ',' or '}'.")]
    [InlineData("name: [a, b\nsteps: 1", "1:8 not valid YAML: a [ or { that begins here or before is not closed. Close it, indent its further lines, or write it as a block.")]
    [InlineData("name: w\nsteps: a: b", "2:9 not valid YAML: While scanning a plain scalar value, found invalid mapping.")]
    [InlineData("name: w\nsteps:\n  - { id: s, action: a, with: { v: ${{ params.p }} } }", "3:37 not valid YAML: While parsing a flow mapping, did not find expected ',' or '}'. An expression that stands inside { } or [ ] or has ': ' or ' #' in it must be in quotes: \"${{ … }}\".")]
    [InlineData("name: 'w", "1:7 not valid YAML: While scanning a quoted scalar, found unexpected end of stream.")]
    [InlineData("name: w\nsteps: [{ id: s, action: a }]\n---\nname: x", "3:1 a second document begins here; a file holds one workflow. Put the other into a file of its own.")]
    [InlineData("name: *w", "1:7 the alias *w names no anchor before it; define it with &w.")]
    [InlineData("name: &w [*w]", "1:11 the alias *w stands inside its own anchor; data cannot hold itself.")]
    [InlineData("name: w\nname: x\nsteps: [{ id: s, action: a }]", "2:1 the key 'name' stands here for the second time, the first is in line 1; remove one of them.")]
    [InlineData("name: w\n<<: { a: 1 }\nsteps: [{ id: s, action: a }]", "2:1 merge keys (<<) are not part of YAML 1.2; write the keys out, or share a whole value with an anchor and an alias.")]
    [InlineData("name: w\n? [a]\n: 1\nsteps: [{ id: s, action: a }]", "2:3 a key must be text; write it as one word or in quotes.")]
    [InlineData("name: w\nsteps:\n  - \t: s\n    action: a", "4:5 not valid YAML: a key or a value is missing before this place. Check the indentation; indent with spaces, not with tabs.")]
    [InlineData("name: !secret w\nsteps: [{ id: s, action: a }]", "1:7 the tag !secret means nothing here; only !!str is known. Remove it.")]
    public void Text_that_is_no_usable_YAML_is_refused(string text, string problem) => Assert.Equal([problem], Fixtures.Problems(text));

    [Theory]
    [InlineData("steps: [{ id: s, action: a }]", "1:1 the workflow has no name; give it one; all runs of the workflow share it.")]
    [InlineData("name: 5\nsteps: [{ id: s, action: a }]", "1:7 name is the number 5; it takes text in one line: put it in quotes.")]
    [InlineData("name: w ${{ params.p }}\nsteps: [{ id: s, action: a }]", "1:7 name takes no expression; expressions stand in foreach, with, reads, writes and output.")]
    [InlineData("name: w", "1:1 the workflow has no steps; give it a list with at least one step.")]
    [InlineData("name: w\nsteps:", "2:7 the workflow has no steps; give it a list with at least one step.")]
    [InlineData("name: w\nsteps: []", "2:8 steps is an empty list; give it at least one step.")]
    [InlineData("name: w\nsteps: { id: s }", "2:8 steps is a map; it takes a list of steps, each with a dash: - id: …")]
    [InlineData("name: w\nstep: 1\nsteps: [{ id: s, action: a }]", "2:1 unknown key 'step' in the workflow; did you mean 'steps'? Known keys: name, params, secrets, defaults, actions, steps, output.")]
    [InlineData("name: w\nsecrets: K\nsteps: [{ id: s, action: a }]", "2:10 secrets is the text 'K'; it takes a list of names of secrets.")]
    [InlineData("name: w\nsecrets: [A-B]\nsteps: [{ id: s, action: a }]", "2:11 secrets holds the text 'A-B'; it takes names, each a letter or _ and then letters, digits and _, such as API_KEY. Values never stand in the file.")]
    [InlineData("name: w\nsecrets: [K, K]\nsteps: [{ id: s, action: a }]", "2:14 the secret 'K' stands here for the second time; remove one of them.")]
    [InlineData("name: w\nsecrets: [KEY]\nsteps: [{ id: s, action: a, with: { k: \"${{ secrets.KEI }}\" } }]", "3:53 the workflow declares no secret 'KEI'; did you mean 'KEY'? Declared under secrets: KEY.")]
    [InlineData("name: w\nsecrets: [KEY]\nsteps: [{ id: s, action: a, with: { k: \"${{ length(secrets.KEY) }}\" } }]", "3:60 a secret is put in as it is, so nothing can be computed from it; write ${{ secrets.KEY }} by itself or inside text.")]
    [InlineData("name: w\nsecrets: [KEY]\nsteps: [{ id: s, action: a, with: { k: \"${{ secrets }}\" } }]", "3:45 the expression takes all secrets as one value; name one, as in secrets.NAME.")]
    [InlineData("name: w\nsecrets: [KEY]\nsteps: [{ id: s, action: a, reads: [\"b/${{ secrets.KEY }}\"] }]", "3:52 a secret may stand only in with, from where it goes to the action and nowhere else.")]
    [InlineData("name: w\nsecrets: [KEY]\nsteps: [{ id: s, action: a }]\noutput: ${{ secrets.KEY }}", "4:21 a secret may stand only in with, from where it goes to the action and nowhere else.")]
    [InlineData("name: w\nparams: [a]\nsteps: [{ id: s, action: a }]", "2:9 params is a list; it takes a map of names and defaults.")]
    [InlineData("name: w\nparams: { a=b: 1 }\nsteps: [{ id: s, action: a }]", "2:11 the parameter's name is 'a=b'; it begins with a letter or _ and goes on with letters, digits, _, - and .")]
    [InlineData("name: w\nparams: { a: [\"${{ params.b }}\"], b: 1 }\nsteps: [{ id: s, action: a }]", "2:15 the default of 'a' holds an expression; defaults are plain values. Put the expression where the parameter is used.")]
    [InlineData("name: w\nparams: { a: .inf }\nsteps: [{ id: s, action: a }]", "2:14 .inf is no number that JSON can hold; put it in quotes if it is meant as text.")]
    [InlineData("name: w\nparams: { a: 1e999 }\nsteps: [{ id: s, action: a }]", "2:14 1e999 is no number that JSON can hold; put it in quotes if it is meant as text.")]
    [InlineData("name: w\ndefaults: { paralelism: 2 }\nsteps: [{ id: s, action: a }]", "2:13 unknown key 'paralelism' in defaults; did you mean 'parallelism'? Known keys: parallelism, retry.")]
    [InlineData("name: w\nactions: [a]\nsteps: [{ id: s, action: a }]", "2:10 actions is a list; it takes a map of names, each with file, and kind, main, timeout, memory where needed.")]
    [InlineData("name: w\nactions: { a: a.py }\nsteps: [{ id: s, action: a }]", "2:15 the action 'a' is the text 'a.py'; it takes a map with file, kind, main, timeout, memory.")]
    [InlineData("name: w\nactions: { a: { kind: x } }\nsteps: [{ id: s, action: a }]", "2:15 the action 'a' has no file; name its code, relative to this file.")]
    [InlineData("name: w\nactions: { a: { file: x.py, timeout: 0s, memory: 0 } }\nsteps: [{ id: s, action: a }]", "2:38 timeout is 0; it takes a duration above 0.", "2:50 memory is the number 0; it takes a whole number from 1 to 1048576.")]
    [InlineData("name: w\nactions: { /x/a: { file: x.py } }\nsteps: [{ id: s, action: a }]", "2:12 the action's name is '/x/a'; it takes name or package/name.")]
    public void The_parts_of_a_file_are_checked(string text, params string[] problems) => Assert.Equal(problems, Fixtures.Problems(text));

    [Theory]
    [InlineData("parallelism: 0", "6:18 parallelism is the number 0; it takes a whole number from 1 to 100000.")]
    [InlineData("parallelism: two", "6:18 parallelism is the text 'two'; it takes a whole number from 1 to 100000.")]
    [InlineData("parallelism: 2.5", "6:18 parallelism is the number 2.5; it takes a whole number from 1 to 100000.")]
    [InlineData("paralellism: 2", "6:5 unknown key 'paralellism' in a step; did you mean 'parallelism'? Known keys: id, action, needs, when, foreach, with, reads, writes, writers, collect, parallelism, retry, timeout, failFast, onFailure.")]
    [InlineData("parallelism: \"${{ params.nope }}\"", "6:30 the workflow declares no parameter 'nope'. Declared: p, text, list, a-b.")]
    [InlineData("parallelism: \"2${{ params.p }}\"", "6:18 parallelism is the text '2${{ params.p }}'; it takes a whole number from 1 to 100000, or one expression over params that gives it.")]
    [InlineData("parallelism: \"${{ steps.s.result.n }}\"", "6:29 parallelism names the step 's'; it is settled before the run starts, so it may name params only.")]
    [InlineData("foreach: [1]\nparallelism: \"${{ item }}\"", "7:23 'item' means something only in with, reads and writes of a step with foreach; add a foreach to the step, or name another value.")]
    [InlineData("onFailure: go", "6:16 onFailure is the text 'go'; it takes stop or continue.")]
    [InlineData("writers: shard", "6:14 writers is the text 'shard'; it takes single or shared; did you mean 'shared'?")]
    [InlineData("retry: 3", "6:12 retry is the number 3; it takes a map with retries, backoff, initial, max, factor, jitter, attemptTimeout, timeout, on, codes, neverCodes.")]
    [InlineData("retry: { retries: 1001 }", "6:23 retries is the number 1001; it takes a whole number from 0 to 1000.")]
    [InlineData("retry: { backoff: exponental }", "6:23 backoff is the text 'exponental'; it takes none or fixed or exponential; did you mean 'exponential'?")]
    [InlineData("retry: { initial: 1 second }", "6:23 initial is the text '1 second'; it takes a duration such as 500ms, 1s, 5m, 1h30m, or a number of seconds, at most 365d.")]
    [InlineData("retry: { initial: -1 }", "6:23 initial is the number -1; it takes a duration such as 500ms, 1s, 5m, 1h30m, or a number of seconds, at most 365d.")]
    [InlineData("retry: { timeout: 366d }", "6:23 timeout is the text '366d'; it takes a duration such as 500ms, 1s, 5m, 1h30m, or a number of seconds, at most 365d.")]
    [InlineData("retry: { initial: 1m, max: 1s }", "6:12 retry: max is 00:00:01, less than initial 00:01:00; raise max or lower initial.")]
    [InlineData("retry: { factor: fast, jitter: 1 }", "6:22 factor is the text 'fast'; it takes a number.", "6:36 jitter is the number 1; it takes true or false.")]
    [InlineData("retry: { factor: 0.5 }", "6:12 retry: factor is 0.5; it takes a number of 1 or more.")]
    [InlineData("retry: { on: [timeouts] }", "6:19 on holds the text 'timeouts'; it takes application_error, developer_error, whisk_error, timeout, lost, unknown; did you mean 'timeout'?")]
    [InlineData("retry: { on: [throttled] }", "6:19 on holds the text 'throttled'; it takes application_error, developer_error, whisk_error, timeout, lost, unknown.")]
    [InlineData("retry: { on: timeout }", "6:18 on is the text 'timeout'; it takes a list of outcomes: application_error, developer_error, whisk_error, timeout, lost, unknown.")]
    [InlineData("retry: { codes: [[1]], neverCodes: [true] }", "6:22 codes holds a list; it takes error codes, such as NoSuchKey or 404.", "6:41 neverCodes holds true; it takes error codes, such as NoSuchKey or 404.")]
    [InlineData("foreach: 5", "6:14 foreach is the number 5; foreach takes one expression that gives a list, a list, { objects: bucket/prefix } or { lines: bucket/key }.")]
    [InlineData("foreach:", "6:13 foreach is empty; foreach takes one expression that gives a list, a list, { objects: bucket/prefix } or { lines: bucket/key }.")]
    [InlineData("foreach: { }", "6:14 foreach is a map with neither objects nor lines; foreach takes one expression that gives a list, a list, { objects: bucket/prefix } or { lines: bucket/key }.")]
    [InlineData("foreach: { lines: b/k, objects: b }", "6:14 foreach is a map with both objects and lines; foreach takes one expression that gives a list, a list, { objects: bucket/prefix } or { lines: bucket/key }.")]
    [InlineData("foreach: { line: b/k }", "6:14 foreach is a map with neither objects nor lines; foreach takes one expression that gives a list, a list, { objects: bucket/prefix } or { lines: bucket/key }.", "6:16 unknown key 'line' in foreach; did you mean 'lines'? Known keys: objects, lines, format.")]
    [InlineData("foreach: { lines: b }", "6:23 foreach.lines is the text 'b'; it takes bucket/key, such as input-video/clip.mp4.")]
    [InlineData("foreach: { lines: 5 }", "6:23 foreach.lines is the number 5; it takes bucket/key, such as input-video/clip.mp4.")]
    [InlineData("foreach: { lines: b/k, format: xml }", "6:36 format is the text 'xml'; it takes text or json.")]
    [InlineData("foreach: { objects: /k }", "6:25 foreach.objects is the text '/k'; it takes bucket/prefix, such as photos/2026/, or a bucket for all that is in it.")]
    [InlineData("foreach: { objects: b, format: text }", "6:36 format belongs to lines; objects have none.")]
    [InlineData("foreach: { objects: \"${{ item }}\" }", "6:30 'item' means something only in with, reads and writes of a step with foreach; add a foreach to the step, or name another value.")]
    [InlineData("collect: b", "6:14 collect is the text 'b'; it takes bucket/key, such as input-video/clip.mp4.")]
    [InlineData("collect: [b/k]", "6:14 collect is a list; it takes bucket/key, such as input-video/clip.mp4.")]
    [InlineData("foreach: [1]\ncollect: \"b/${{ index }}\"", "7:21 'index' means something only in with, reads and writes of a step with foreach; add a foreach to the step, or name another value.")]
    [InlineData("when: yes", "6:11 when is the text 'yes'; it takes one expression that gives true or false, such as ${{ params.check == 'yes' }}, or true, false or always.")]
    [InlineData("when:", "6:10 when is empty; it takes one expression that gives true or false, such as ${{ params.check == 'yes' }}, or true, false or always.")]
    [InlineData("when: \"a ${{ params.p }}\"", "6:11 when is the text 'a ${{ params.p }}'; it takes one expression that gives true or false, such as ${{ params.check == 'yes' }}, or true, false or always.")]
    [InlineData("timeout: 0", "6:14 timeout is 0; it takes a duration above 0.")]
    [InlineData("timeout: soon", "6:14 timeout is the text 'soon'; it takes a duration such as 500ms, 1s, 5m, 1h30m, or a number of seconds, at most 365d.")]
    [InlineData("failFast: true", "6:15 failFast means something only with foreach, where one item may fail while others wait; remove it, or add a foreach.")]
    [InlineData("foreach: [1]\nfailFast: 1", "7:15 failFast is the number 1; it takes true or false.")]
    [InlineData("with: { k: \"${{ secrets.K }}\" }", "6:29 the workflow declares no secret 'K'. Declared under secrets: none.")]
    [InlineData("foreach: a ${{ params.p }}", "6:14 foreach is the text 'a ${{ params.p }}'; foreach takes one expression that gives a list, a list, { objects: bucket/prefix } or { lines: bucket/key }.")]
    [InlineData("with: text", "6:11 with is the text 'text'; it takes a map of parameters, or one expression that gives an object.")]
    [InlineData("with: [a]", "6:11 with is a list; it takes a map of parameters, or one expression that gives an object.")]
    [InlineData("with: { context: 1, __orchestration: 2 }", "6:13 'context' is a reserved name that the orchestrator fills in; choose another name for the parameter.", "6:25 '__orchestration' is a reserved name that the orchestrator fills in; choose another name for the parameter.")]
    [InlineData("with: { \"${{ params.p }}\": 1 }", "6:13 the key '${{ params.p }}' holds an expression; only values may. Build the object with { name: value } inside one expression.")]
    [InlineData("reads: a/b", "6:12 reads is the text 'a/b'; it takes a list of objects, each as bucket/key.")]
    [InlineData("writes: [nobucket, 5]", "6:14 writes holds the text 'nobucket'; it takes bucket/key, such as input-video/clip.mp4.", "6:24 writes holds the number 5; it takes bucket/key, such as input-video/clip.mp4.")]
    [InlineData("needs: [[a]]", "6:13 needs holds a list; it takes ids of steps.")]
    public void The_keys_of_a_step_are_checked(string lines, params string[] problems) => Assert.Equal(problems, Fixtures.Problems(Fixtures.OneStep(lines)));

    [Theory]
    [InlineData("{ action: a }", "2:9 a step has no id; give it one, as expressions and reports name the step by it.")]
    [InlineData("{ id: s }", "2:9 a step has no action; name the action that it runs.")]
    [InlineData("{ id: my-step, action: a }", "2:15 the id is the text 'my-step'; an id begins with a letter or _ and goes on with letters, digits and _, so that expressions can name it.")]
    [InlineData("{ id: 5, action: a }", "2:15 the id is the number 5; an id begins with a letter or _ and goes on with letters, digits and _, so that expressions can name it.")]
    [InlineData("{ id: true, action: a }", "2:15 the id is true; an id begins with a letter or _ and goes on with letters, digits and _, so that expressions can name it.")]
    [InlineData("{ id: [s], action: a }", "2:15 the id is a list; it takes text.")]
    [InlineData("{ id: s, action: /a }", "2:26 the action is '/a'; it takes name, package/name or /namespace/package/name.")]
    [InlineData("{ id: s, action: a }, { id: s, action: b }", "2:37 the id 's' is taken by a step above; give this step another one.")]
    [InlineData("text", "2:9 a step is the text 'text'; it takes a map with id, action, needs, when, foreach, with, reads, writes, writers, collect, parallelism, retry, timeout, failFast, onFailure.")]
    [InlineData("{ id: s, action: a, needs: [split, t] }, { id: splt, action: a }", "2:37 there is no step 'split'; did you mean 'splt'? Steps: s, splt.", "2:44 there is no step 't'. Steps: s, splt.")]
    [InlineData("{ id: s, action: a, needs: s }", "2:36 the step 's' waits for itself; name another step.")]
    [InlineData("{ id: s, action: a, with: { v: '${{ steps.s.result }}' } }", "2:51 the step 's' waits for itself; name another step.")]
    [InlineData("{ id: a, action: x, needs: b }, { id: b, action: x, needs: [c] }, { id: c, action: x, with: { v: '${{ steps.a.result }}' } }", "2:117 steps wait for each other in a cycle: a → b → c → a (→ means waits for); remove one of these dependencies.")]
    [InlineData("{ id: z, action: x, needs: a }, { id: a, action: x, needs: b }, { id: b, action: x, needs: a }, { id: c, action: x, needs: d }, { id: d, action: x, needs: c }",
        "2:100 steps wait for each other in a cycle: a → b → a (→ means waits for); remove one of these dependencies.",
        "2:164 steps wait for each other in a cycle: c → d → c (→ means waits for); remove one of these dependencies.")]
    public void Ids_and_dependencies_are_checked(string steps, params string[] problems) => Assert.Equal(problems, Fixtures.Problems($"name: w\nsteps: [{steps}]"));

    [Theory]
    [InlineData("/ns/pkg/name")]
    [InlineData("/whisk.system/utils/echo")]
    [InlineData("/_/name")]
    [InlineData("pkg/my-action")]
    [InlineData("my.action@1")]
    public void Names_of_actions_are_those_of_OpenWhisk(string name)
    {
        Assert.Equal(name, Fixtures.Parse($"name: w\nsteps: [{{ id: s, action: {name} }}]").Steps[0].Action);
    }

    [Fact]
    public void All_mistakes_are_reported_at_once_in_the_order_of_the_file()
    {
        var exception = Assert.Throws<WorkflowException>(() => Fixtures.Parse("""
            name: w
            extra: 1
            steps:
              - id: s
                acton: a
                with: { v: "${{ params.x }}" }
            output: "${{ steps.t.result }}"
            """));

        Assert.Equal(
            """
            w.yaml:2:1: unknown key 'extra' in the workflow. Known keys: name, params, secrets, defaults, actions, steps, output.
            w.yaml:4:5: a step has no action; name the action that it runs.
            w.yaml:5:5: unknown key 'acton' in a step; did you mean 'action'? Known keys: id, action, needs, when, foreach, with, reads, writes, writers, collect, parallelism, retry, timeout, failFast, onFailure.
            w.yaml:6:28: the workflow declares no parameter 'x'. Declared: none.
            w.yaml:7:20: there is no step 't'. Steps: s.
            """,
            exception.Message);
    }

    [Fact]
    public void A_mistake_in_an_anchor_is_reported_once()
    {
        Assert.Equal(
            ["3:37 unknown key 'retrys' in retry; did you mean 'retries'? Known keys: retries, backoff, initial, max, factor, jitter, attemptTimeout, timeout, on, codes, neverCodes."],
            Fixtures.Problems("name: w\nsteps:\n  - { id: a, action: x, retry: &r { retrys: 1 } }\n  - { id: b, action: x, retry: *r }"));
    }
}
