using System.Net.Security;
using System.Security.Authentication;

namespace Orchestration.OpenWhisk.Http;

/// <summary>Says in words for people why OpenWhisk cannot be reached.</summary>
internal static class ConnectionProblems
{
    private const string CheckUrl = "check the URL (--openwhisk, or APIHOST in ~/.wskprops)";

    public static string Describe(string place, Exception problem)
    {
        if (Find<CertificateRefusedException>(problem) is { } refused)
            return $"The TLS certificate of {place} is not trusted ({refused.Message}): give --insecure if it is self-signed and you trust the network, or use a URL that the certificate is for.";
        var cause = problem.GetBaseException().Message;
        return (problem as HttpRequestException)?.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => $"The host of {place} is not known ({cause}): {CheckUrl}.",
            HttpRequestError.SecureConnectionError => $"No TLS connection to {place} ({cause}): is it a server without TLS? Then use http:// in --openwhisk or APIHOST.",
            HttpRequestError.InvalidResponse => $"{place} does not answer in HTTP ({cause}): if it speaks TLS, use https://; otherwise {CheckUrl}.",
            HttpRequestError.ConnectionError => $"OpenWhisk at {place} cannot be reached ({cause}): start it, or {CheckUrl}.",
            _ => $"The connection to {place} broke before an answer came ({cause}).",
        };
    }

    public static string NoConnection(string place, TimeSpan waited) =>
        $"No connection to OpenWhisk at {place} within {waited.TotalSeconds:0.###} s: start it, or {CheckUrl}.";

    public static string NoAnswer(string place, TimeSpan waited) =>
        $"OpenWhisk at {place} did not answer within {waited.TotalSeconds:0.###} s.";

    private static T? Find<T>(Exception? problem)
        where T : Exception
    {
        for (; problem is not null; problem = problem.InnerException)
            if (problem is T found)
                return found;
        return null;
    }
}

/// <summary>The server's certificate is not acceptable. Thrown by our check, so that it can be told from other TLS failures.</summary>
internal sealed class CertificateRefusedException(SslPolicyErrors errors) : AuthenticationException(Text(errors))
{
    private static string Text(SslPolicyErrors errors)
    {
        var parts = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            parts.Add("it has none");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            parts.Add("it is for another host name");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
            parts.Add("its issuer is unknown here or it is out of date");
        return string.Join(", ", parts);
    }
}
