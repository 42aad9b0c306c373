namespace Orchestration.LocalWhisk;

internal static class RandomIds
{
    public const string Alphanumerics = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    // Transaction ids identify, they don't protect: the fast generator is enough.
#pragma warning disable CA5394
    public static string Alphanumeric32() => string.Create(32, 0, static (span, _) =>
    {
        foreach (ref var c in span)
            c = Alphanumerics[Random.Shared.Next(Alphanumerics.Length)];
    });
#pragma warning restore CA5394
}
