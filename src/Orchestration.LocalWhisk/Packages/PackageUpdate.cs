using System.Text.Json;
using Orchestration.LocalWhisk.Actions;
using Orchestration.LocalWhisk.Http;

namespace Orchestration.LocalWhisk.Packages;

/// <summary>Makes the stored package out of a PUT's body and the package that is there already, by OpenWhisk's rules.</summary>
internal sealed class PackageUpdate(LocalWhiskOptions options, Func<string, WhiskPackage?> find)
{
    public WhiskPackage Apply(string name, ReadOnlyMemory<byte> json, WhiskPackage? stored, long now)
    {
        var body = ActionBody.Parse(json);
        var binding = ReadBinding(json) is { } bound ? Check(name, bound, stored) : stored?.Binding;
        var parameters = body.Parameters ?? stored?.Parameters ?? [];
        var size = parameters.Sum(p => (long)p.Size);
        if (size > options.MaxPayloadBytes)
            throw ApiException.TooLarge("parameters", size, options.MaxPayloadBytes);
        return new WhiskPackage
        {
            Name = name,
            Binding = binding,
            Parameters = parameters,
            Annotations = body.Annotations ?? stored?.Annotations ?? [],
            Version = body.Version ?? stored?.Version.Next() ?? ActionVersion.First,
            Publish = body.Publish ?? stored?.Publish ?? false,
            Updated = now,
        };
    }

    private string Check(string name, string bound, WhiskPackage? stored)
    {
        if (stored is { Binding: null })
            throw new ApiException(409, "Resource is a package and cannot be converted into a binding.");
        if (bound == name || find(bound) is not { } package)
            throw new ApiException(400, "Binding references a package that does not exist.");
        return package.Binding is null ? bound : throw new ApiException(400, "Cannot bind to another package binding.");
    }

    // An empty object is what a package that is no binding shows.
    private string? ReadBinding(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, JsonBytes.DocumentOptions);
        if (!document.RootElement.TryGetProperty("binding", out var binding) || binding.ValueKind is JsonValueKind.Null or JsonValueKind.False
            || binding is { ValueKind: JsonValueKind.Object } && !binding.EnumerateObject().Any())
            return null;
        if (binding.ValueKind != JsonValueKind.Object || !binding.TryGetProperty("name", out var name) || name.ValueKind != JsonValueKind.String)
            throw ApiException.BadContent("'binding' must have 'namespace' and 'name'");
        if (binding.TryGetProperty("namespace", out var space) && space.ValueKind == JsonValueKind.String && space.GetString() is { } ns && ns != "_" && ns != options.Namespace)
            throw new ApiException(403, $"The supplied authentication is not authorized to access '{ns}/{name.GetString()}'.");
        EntityName.Require(name.GetString()!);
        return name.GetString();
    }
}
