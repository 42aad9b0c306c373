using System.Text;
using Orchestration.Core.Json;
using Orchestration.Host.Terminals;
using Orchestration.Workflows;

namespace Orchestration.Host.Tests.Terminals;

public sealed class YamlTextTests
{
    [Fact]
    public void Maps_and_lists_are_blocks_and_doubtful_words_are_quoted()
    {
        Assert.Equal(
            "a: 1\nb:\n- x\n- c: \"yes\"\n  d:\n  - []\n  - - 1\n    - \"two words\"\ne: {}\nf: \"line\\nbreak: #\"\n\"1\": null\n",
            Yaml("""{"a":1,"b":["x",{"c":"yes","d":[[],[1,"two words"]]}],"e":{},"f":"line\nbreak: #","1":null}"""));
        Assert.Equal("\"5\"\n", Yaml("\"5\""));
    }

    [Theory]
    [InlineData("""{"p":{"text":"é ☃ \u0001 \\ \" : # - *","n":-1.5e3,"t":true,"list":[{"a":[[{"b":null}]]},"","-","~","0x1F","2020-01-01"]}}""")]
    public void A_reader_of_YAML_gets_the_same_document(string json)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, Yaml(json));
            var read = WorkflowFile.Parse("name: w\nparams: { p: {} }\nsteps: [{ id: s, action: a }]", "w").LoadParameters(file);
            Assert.Equal(JsonBytes.Parse(json).ToDocument().RootElement.GetProperty("p").ToString(), read["p"].ToDocument().RootElement.ToString(), ignoreLineEndingDifferences: true);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Yaml(string json) => YamlText.Of(Encoding.UTF8.GetBytes(json));
}
