using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Orchestration.Persistence.MongoDb;

/// <summary>Healthy when MongoDB answers a ping through the client that the storage uses itself.</summary>
/// <param name="connection">The connection.</param>
public sealed class MongoHealthCheck(MongoConnection connection) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await connection.PingAsync(cancellationToken);
            return HealthCheckResult.Healthy($"MongoDB at {connection.RedactedName} answers.");
        }
        catch (MongoStorageException e)
        {
            return new HealthCheckResult(context?.Registration.FailureStatus ?? HealthStatus.Unhealthy, e.Message, e);
        }
    }
}
