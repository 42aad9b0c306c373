namespace Orchestration.Persistence.MongoDb.Catalogs;

/// <summary>
/// Members of the three collections. Those of the system that this one replaces have its names and meaning; all of our own stand under <see cref="Own"/>, where its tools do not look.
/// </summary>
internal static class CatalogFields
{
    public const string Id = "_id";
    public const string OrchId = "orch_id";
    public const string Time = "time";

    // orchestrations
    public const string Name = "name";
    public const string CreationTs = "creation_ts";
    public const string FinishTs = "finish_ts";
    public const string TimeTaken = "time_taken";
    public const string ActionTimeTaken = "action_time_taken";
    public const string ObjectMetrics = "object_metrics";
    public const string InputSize = "input_size";

    // actions
    public const string ActionName = "action_name";
    public const string ActionParams = "action_params";
    public const string NumAttempts = "num_attempts";
    public const string ActivationIds = "activation_ids";
    public const string LastAttemptTs = "last_attempt_ts";
    public const string Attempts = "attempts";
    public const string Error = "error";

    // action_store
    public const string StoredActionId = "action_id";
    public const string ObjectsPut = "objects_put";
    public const string ObjectsGet = "objects_get";
    public const string ErrorGet = "error_get";
    public const string Object = "object";
    public const string Size = "size";

    /// <summary>Holds what the old system does not know.</summary>
    public const string Own = "orchestrator";

    public const string Cursor = "cursor";
    public const string Status = "status";
    public const string Open = "open";
    public const string Actions = "actions";
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";
    public const string AttemptCount = "attempts";
    public const string ActionTime = "action_time";
    public const string RunTime = "run_time";
    public const string Reason = "error";

    /// <summary>By orchestration, the last commit whose change a document holds.</summary>
    public const string Applied = "applied";

    /// <summary>Writes of attempts that failed: what they left is not known to be whole.</summary>
    public const string FailedPuts = "failed_puts";

    public static string OwnOf(string name) => $"{Own}.{name}";

    public static string AppliedOf(string orchId) => $"{Own}.{Applied}.{orchId}";
}
