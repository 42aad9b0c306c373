namespace Orchestration.LocalWhisk.Tests.Support;

internal static class Program
{
    public const string ServeArgument = "--serve-local-openwhisk";

    public static async Task<int> Main(string[] args)
    {
        if (args is [ServeArgument, var directory])
            return await ServeAsync(directory);
        // As the entry point that xunit would generate.
        return args.Any(a => a is "-automated" or "@@")
            ? await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args)
            : await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
    }

    /// <summary>Serves until it is killed, or until whoever started it closes its stdin.</summary>
    private static async Task<int> ServeAsync(string directory)
    {
        await using var server = await LocalWhiskServer.StartAsync(TestWhisk.Options(directory));
        Console.WriteLine(server.BaseAddress);
        await Console.In.ReadToEndAsync();
        return 0;
    }
}
