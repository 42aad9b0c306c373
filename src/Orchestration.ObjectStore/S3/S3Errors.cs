using Minio.Exceptions;
using Orchestration.Core.Ports;

namespace Orchestration.ObjectStore.S3;

/// <summary>From what went wrong at an S3 server to a message with endpoint, object and remedy. Never repeats credentials.</summary>
internal static class S3Errors
{
    public static ObjectStoreException Translate(string endpoint, string name, Exception problem) => problem switch
    {
        S3RefusedException refused => new(refused.Code, Refusal(endpoint, name, refused), problem),
        InvalidBucketNameException => new("InvalidBucketName", $"'{name}' at {endpoint}: the bucket's name is not allowed: 3 to 63 lower-case letters, digits, dots and hyphens.", problem),
        InvalidObjectNameException => new("InvalidObjectName", $"'{name}' at {endpoint}: the object's name is not allowed ({problem.Message}).", problem),
        UnexpectedShortReadException => new("IncompleteBody", $"'{name}' at {endpoint}: the data to write ended before its announced length.", problem),
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } =>
            new("EndpointUnreachable", $"The host of the object store {endpoint} is not known ('{name}'). Check --object-store.", problem),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } =>
            new("EndpointUnreachable", $"No trusted TLS connection to the object store {endpoint} ('{name}': {problem.GetBaseException().Message}). Use http:// if it has no TLS, or install its certificate's issuer on this machine.", problem),
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } or TaskCanceledException { InnerException: TimeoutException } =>
            new("EndpointUnreachable", $"The object store {endpoint} cannot be reached ('{name}': {problem.GetBaseException().Message}). Start it, or check --object-store.", problem),
        _ => new("InternalError", $"The object store {endpoint} failed on '{name}': {problem.GetBaseException().Message}", problem),
    };

    private static string Refusal(string endpoint, string name, S3RefusedException refused)
    {
        var said = refused.ServerText is null ? "" : $" ({refused.ServerText.TrimEnd('.')})";
        var remedy = refused.Code switch
        {
            "NoSuchBucket" => "Make the bucket first.",
            "AccessDenied" => "Check --access-key and --secret-key, and what they allow.",
            "InvalidAccessKeyId" or "SignatureDoesNotMatch" => "Check --access-key and --secret-key.",
            "RequestTimeTooSkewed" => "Set this machine's clock.",
            "PermanentRedirect" or "AuthorizationHeaderMalformed" => "Give the endpoint of the bucket's own region with --object-store.",
            "ServiceUnavailable" or "SlowDown" or "XMinioServerNotInitialized" => "Try again in a while.",
            "XMinioStorageFull" => "Free space on the server.",
            _ => "",
        };
        return $"The object store {endpoint} refused '{name}' with {refused.Code}{said}. {remedy}".TrimEnd();
    }
}
