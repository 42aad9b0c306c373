namespace Orchestration.LocalWhisk.Http;

/// <summary>Ends a request with a status and OpenWhisk's error envelope. The texts are OpenWhisk's: clients match on them.</summary>
internal sealed class ApiException(int status, string error) : Exception(error)
{
    public int Status { get; } = status;

    /// <summary>Value of the Allow header, for 405.</summary>
    public string? Allow { get; init; }

    public static ApiException UnknownPath() => new(404, "The requested resource could not be found.");

    public static ApiException Missing() => new(404, "The requested resource does not exist.");

    public static ApiException OtherCollection() => new(409, "Resource by this name exists but is not in this collection.");

    public static ApiException Unavailable() => new(503, "The server is currently unavailable (because it is overloaded or down for maintenance).");

    public static ApiException BadMethod(string allowed) => new(405, $"HTTP method not allowed, supported methods: {allowed}") { Allow = allowed };

    public static ApiException BadParameter(string name, string detail) => new(400, $"The query parameter '{name}' was malformed:\n{detail}");

    public static ApiException BadContent(string detail) => new(400, $"The request content was malformed:\n{detail}");

    public static ApiException TooLarge(string what, long size, long limit) => new(413, $"{what} larger than allowed: {size} > {limit} bytes.");

    public static ApiException NotJson() => new(415, "The request's Content-Type is not supported. Expected:\napplication/json");
}
