using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Ports;

namespace Orchestration.OpenWhisk.Tests;

internal static class TestData
{
    public const string Auth = "23bc46b1-71f6-4ed5-8c54-816aa4f8c502:not-a-real-key";
    public const string ActivationId = "0123456789abcdef0123456789abcdef";
    public const string OrchestrationIdText = "6745a1b2c3d4e5f601234567";
    public const string ActionIdText = "6745a1b2c3d4e5f601234568";

    public static InvokeRequest Request(string parameters = """{"n":1}""", string name = "hello", int attempt = 2) =>
        new(OrchestrationId.Parse(OrchestrationIdText), ActionId.Parse(ActionIdText), attempt, name, JsonBytes.Parse(parameters));

    public static OpenWhiskOptions Options(Uri url) => new() { ApiHost = url, Auth = Auth };

    /// <summary>A record as OpenWhisk gives it.</summary>
    public static string Record(string response, string annotations = "[]", string times = "\"start\":1760000001000,\"end\":1760000001180,\"duration\":180,") =>
        $$"""{"activationId":"{{ActivationId}}","namespace":"guest","subject":"guest","name":"hello","version":"0.0.1","publish":false,{{times}}"response":{{response}},"logs":[],"annotations":{{annotations}}}""";

    public static string Success(string result) => Record($$"""{"status":"success","success":true,"result":{{result}},"size":9}""");

    public static string Failure(string status, string error, string annotations = "[]") =>
        Record($$"""{"status":"{{status}}","success":false,"result":{"error":{{error}}},"size":9}""", annotations);

    public static (string, string) ActivationHeader => ("x-openwhisk-activation-id", ActivationId);
}
