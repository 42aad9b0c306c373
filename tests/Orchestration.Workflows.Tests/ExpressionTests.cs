namespace Orchestration.Workflows.Tests;

public class ExpressionTests
{
    private const string Parameters = """{ text: abc, number: 5, fraction: 1.0, big: 12345678901234567890123, list: [1, null, 3], map: { b: 1, a-b: x }, yes: true, a-b: 7, date: "2020-01-01T00:00:00Z" }""";

    [Theory]
    [InlineData("${{ params.text }}", "\"abc\"")]
    [InlineData("${{params.number}}", "5")]
    [InlineData("${{ params.fraction }}", "1.0")]
    [InlineData("${{ params.big }}", "12345678901234567890123")]
    [InlineData("${{ params.list }}", "[1,null,3]")]
    [InlineData("${{ params.map }}", "{\"b\":1,\"a-b\":\"x\"}")]
    [InlineData("${{ params.yes }}", "true")]
    [InlineData("${{ params.date }}", "\"2020-01-01T00:00:00Z\"")]
    [InlineData("${{ params.map.missing }}", "null")]
    [InlineData("${{ params.map.missing || 'none' }}", "\"none\"")]
    [InlineData("${{ params.\"a-b\" }}", "7")]
    [InlineData("${{ params.map.\"a-b\" }}", "\"x\"")]
    [InlineData("${{ $.params.number }}", "5")]
    [InlineData("${{ params.list[-1] }}", "3")]
    [InlineData("${{ params.list[0:2] }}", "[1,null]")]
    [InlineData("${{ params.list[?@ > `1`] | [0] }}", "3")]
    [InlineData("${{ params.number + `1` }}", "6")]
    [InlineData("${{ params.number / `2` }}", "2.5")]
    [InlineData("${{ params.number - `1` }}", "4")]
    [InlineData("${{ length(params.list) }}", "3")]
    [InlineData("${{ {a: {b: params.number}} }}", "{\"a\":{\"b\":5}}")]
    [InlineData("${{ {a: {b: params.number}}}}", "{\"a\":{\"b\":5}}")]
    [InlineData("${{ [params.text, params.number] }}", "[\"abc\",5]")]
    [InlineData("${{ '}}' }}", "\"}}\"")]
    [InlineData("${{ '${{' }}", "\"${{\"")]
    [InlineData("${{ `{\"a\": [1]}` }}", "{\"a\":[1]}")]
    [InlineData("${{ let $n = params.number in $n }}", "5")]
    [InlineData("${{ params }}", """{"text":"abc","number":5,"fraction":1.0,"big":12345678901234567890123,"list":[1,null,3],"map":{"b":1,"a-b":"x"},"yes":true,"a-b":7,"date":"2020-01-01T00:00:00Z"}""")]
    [InlineData("a ${{ params.text }} b", "\"a abc b\"")]
    [InlineData(" ${{ params.number }}", "\" 5\"")]
    [InlineData("${{ params.text }}${{ params.number }}", "\"abc5\"")]
    [InlineData("x-${{ params.number + `1` }}", "\"x-6\"")]
    [InlineData("l ${{ params.list }} m ${{ params.map }} b ${{ params.yes }}", "\"l [1,null,3] m {\\\"b\\\":1,\\\"a-b\\\":\\\"x\\\"} b true\"")]
    [InlineData("no expression", "\"no expression\"")]
    [InlineData("$5 and {{ braces }}", "\"$5 and {{ braces }}\"")]
    public void A_value_keeps_its_type_alone_and_becomes_text_inside_text(string value, string json)
    {
        var quoted = value.Replace("'", "''", StringComparison.Ordinal);
        var run = Fixtures.Start($"name: w\nparams: {Parameters}\nsteps: [{{ id: s, action: a, with: {{ v: '{quoted}' }} }}]");

        Assert.Equal(["s"], run.NextSteps());
        Assert.Equal($$"""{"v":{{json}}}""", run.Parameters("s"));
    }

    [Fact]
    public void Plain_and_block_scalars_hold_expressions_too()
    {
        var run = Fixtures.Start("""
            name: w
            params: { n: 5, t: abc }
            steps:
              - id: s
                action: a
                with:
                  plain: ${{ params.n }}
                  folded: >-
                    ${{ params.n +
                    `1` }}
                  literal: |
                    ${{ params.n }}
                  text: |
                    first ${{ params.t }}
                    second
                  deep: [1, { x: "${{ params.n }}", "5": "5" }]
            """);

        run.NextSteps();

        Assert.Equal("""{"plain":5,"folded":6,"literal":5,"text":"first abc\nsecond\n","deep":[1,{"x":5,"5":"5"}]}""", run.Parameters("s"));
    }

    [Fact]
    public void With_takes_one_expression_that_gives_an_object()
    {
        var run = Fixtures.Start("name: w\nparams: { all: { a: 1 } }\nsteps: [{ id: s, action: a, with: '${{ params.all }}' }, { id: t, action: a }]");

        run.NextSteps();

        Assert.Equal("""{"a":1}""", run.Parameters("s"));
        Assert.Equal("{}", run.Parameters("t"));
    }

    [Theory]
    [InlineData("with: { v: 'a ${{ params.map.zz }}' }", "step 's': with.v: the expression ${{ params.map.zz }} gave null inside text; check the name, or give a value for that case, as in ${{ … || 'none' }}.")]
    [InlineData("with: { v: [1, '${{ length(params.number) }}'] }", "step 's': with.v[1]: the expression ${{ length(params.number) }} failed: function length expects either an object, an array or a string.")]
    [InlineData("with: { v: '${{ `1` / `0` }}' }", "step 's': with.v: the expression ${{ `1` / `0` }} failed: ")]
    [InlineData("with: '${{ params.number }}'", "step 's': with: the expression ${{ params.number }} gave a number; with takes an object.")]
    [InlineData("with: '${{ {context: params.number} }}'", "step 's': with: the expression ${{ {context: params.number} }} gave an object with the reserved member 'context'")]
    [InlineData("foreach: '${{ params.map.zz }}'", "step 's': foreach: the expression ${{ params.map.zz }} gave null; foreach takes a list.")]
    [InlineData("foreach: '${{ params.map }}'", "step 's': foreach: the expression ${{ params.map }} gave an object; foreach takes a list.")]
    [InlineData("reads: ['${{ params.text }}']", "step 's': reads[0] gave the text 'abc'; it takes bucket/key, such as input-video/clip.mp4.")]
    [InlineData("writes: [a/b, '${{ params.number }}']", "step 's': writes[1] gave a number; it takes bucket/key")]
    public void A_value_that_cannot_be_used_fails_the_run_and_names_step_and_expression(string line, string message)
    {
        var failure = Fixtures.Start($"name: w\nparams: {Parameters}\nsteps: [{{ id: s, action: a, {line} }}]").Failure();

        Assert.Equal("s", failure.Step);
        Assert.Equal("EXPRESSION", failure.Failure.Code);
        Assert.StartsWith(message, failure.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_and_texts_of_results_that_expressions_cannot_hold_fail_the_run()
    {
        const string Text = "name: w\nsteps: [{ id: s, action: a }, { id: t, action: a, with: { v: '${{ steps.s.result }}' } }]";
        var large = Fixtures.Start(Text);
        var half = Fixtures.Start(Text);
        large.NextSteps();
        half.NextSteps();

        Assert.Equal("step 't': the number 1e999 is out of range for expressions; return it as text.", large.End("s", "1e999").Failure().Failure.Message);
        Assert.Contains("not valid Unicode", half.End("s", "\"\\ud800\"").Failure().Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_and_writes_are_known_per_action()
    {
        var run = Fixtures.Start("""
            name: w
            params: { names: [a, b/c] }
            steps:
              - id: s
                action: a
                foreach: ${{ params.names }}
                reads: ["in/${{ item }}", in/settings]
                writes: ["out/${{ index }}/${{ item }}"]
            """);

        run.NextSteps();

        Assert.Equal(["in/a,in/settings", "in/b/c,in/settings"], run.Added["s"].Actions.Select(a => string.Join(',', a.Reads)));
        Assert.Equal(["out/0/a", "out/1/b/c"], run.Added["s"].Actions.Select(a => string.Join(',', a.Writes)));
    }
}
