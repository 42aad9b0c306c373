using System.Net;
using System.Net.Sockets;

namespace Orchestration.OpenWhisk.Tests.Servers;

internal static class FreePort
{
    /// <summary>A URL on loopback where nothing listens.</summary>
    public static Uri UrlOfNobody(string scheme = "http")
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"{scheme}://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }
}
