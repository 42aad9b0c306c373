using Newtonsoft.Json.Linq;

namespace Greetings;

/// <summary>Actions for the tests, in the form that the platform's .NET runtime takes.</summary>
public sealed class Hello
{
    /// <summary>Greets.</summary>
    public JObject Main(JObject args)
    {
        Console.WriteLine($"greeting {args["name"]}");
        return new JObject { ["greeting"] = $"Hello, {args["name"]}!", ["action"] = Environment.GetEnvironmentVariable("__OW_ACTION_NAME") };
    }

    /// <summary>Greets later.</summary>
    public async Task<JObject> LaterAsync(JObject args)
    {
        await Task.Yield();
        return new JObject { ["later"] = args["name"] };
    }

    /// <summary>Throws.</summary>
    public JObject Throws(JObject args) => throw new InvalidOperationException($"no {args["name"]} here");

    /// <summary>Returns nothing.</summary>
    public JObject? Nothing(JObject args) => args.Count < 0 ? args : null;

    /// <summary>Counts a list.</summary>
    public JArray Count(JObject args) => [.. Enumerable.Range(0, args.Count)];
}
