using Orchestration.Core.Json;

namespace Orchestration.Workflows.Tests;

public class ParameterTests
{
    private const string Declaring = "name: w\nparams: { text: abc, number: 5, list: [], needed: }\nsteps: [{ id: s, action: a }]";

    [Theory]
    [InlineData("text", "5", "\"5\"")]
    [InlineData("text", "{\"a\":1}", "\"{\\\"a\\\":1}\"")]
    [InlineData("number", "6", "6")]
    [InlineData("number", "six", "\"six\"")]
    [InlineData("number", " [1, 2] ", "[1,2]")]
    [InlineData("list", "[\"a\"]", "[\"a\"]")]
    [InlineData("needed", "true", "true")]
    [InlineData("needed", "", "\"\"")]
    public void A_value_is_text_when_the_default_is_and_else_JSON_when_it_is_JSON(string name, string value, string json)
    {
        Assert.Equal(json, Fixtures.Parse(Declaring).ParseParameter(name, value).Text());
    }

    [Fact]
    public void An_undeclared_parameter_is_an_error_that_lists_the_declared_ones()
    {
        var file = Fixtures.Parse(Declaring);

        var parsing = Assert.Throws<WorkflowException>(() => file.ParseParameter("nubmer", "5"));
        var starting = Assert.Throws<WorkflowException>(() => file.ToPipeline(new Dictionary<string, JsonBytes> { ["nubmer"] = JsonBytes.Null, ["needed"] = JsonBytes.Null }));

        Assert.Equal("w.yaml: the workflow 'w' declares no parameter 'nubmer'; did you mean 'number'? Declared: text, number, list, needed.", parsing.Message);
        Assert.Equal(parsing.Message, starting.Message);
    }

    [Fact]
    public void A_parameter_without_default_must_be_given()
    {
        var exception = Assert.Throws<WorkflowException>(() => Fixtures.Parse(Declaring).ToPipeline(new Dictionary<string, JsonBytes>()));

        Assert.Equal("w.yaml: the parameter 'needed' has no default and no value; give it one with -p needed=….", exception.Message);
    }

    [Theory]
    [InlineData("7", null)]
    [InlineData("100000", null)]
    [InlineData("3.0", null)]
    [InlineData("0", "gave a number, 0")]
    [InlineData("2.5", "gave a number, 2.5")]
    [InlineData("100001", "gave a number, 100001")]
    [InlineData("\"4\"", "gave a text, 4")]
    [InlineData("null", "gave null")]
    [InlineData("[1]", "gave a list")]
    public void A_parallelism_that_parameters_give_is_checked_before_the_run(string value, string? problem)
    {
        var file = Fixtures.Parse("name: w\nparams: { n: 2 }\ndefaults: { parallelism: \"${{ params.n }}\" }\nsteps: [{ id: s, action: a }, { id: t, action: a, parallelism: 5 }]");
        var given = new Dictionary<string, JsonBytes> { ["n"] = JsonBytes.Parse(value) };

        if (problem is null)
            Assert.Equal(["s", "t"], file.ToPipeline(given).Steps);
        else
            Assert.Equal($"w.yaml: step 's': parallelism: the expression ${{{{ params.n }}}} {problem}; it takes a whole number from 1 to 100000.", Assert.Throws<WorkflowException>(() => file.ToPipeline(given)).Message);
    }

    [Fact]
    public void The_pipeline_holds_the_text_the_steps_and_all_parameters_in_the_order_of_the_file()
    {
        var file = Fixtures.Parse(Fixtures.Transcoding);

        var pipeline = file.ToPipeline(new Dictionary<string, JsonBytes> { ["resolution"] = JsonBytes.FromString("720p"), ["input"] = JsonBytes.FromString("x.mp4") });

        Assert.Equal("workflow", pipeline.Kind);
        Assert.Equal(Fixtures.Transcoding, pipeline.Source);
        Assert.Equal("""{"input":"x.mp4","chunks":5,"resolution":"720p"}""", pipeline.Parameters.Text());
        Assert.Equal(["split", "transcode", "combine"], pipeline.Steps);
    }
}
