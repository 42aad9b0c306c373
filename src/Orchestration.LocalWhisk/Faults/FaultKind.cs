namespace Orchestration.LocalWhisk.Faults;

/// <summary>What can be made to go wrong. Each is something that real deployments do.</summary>
public enum FaultKind
{
    /// <summary>The activation runs and never gets a record.</summary>
    DropRecord,

    /// <summary>The record becomes visible later than the activation ends.</summary>
    DelayRecord,

    /// <summary>A blocking call is answered with 202 at once; the activation goes on.</summary>
    Force202,

    /// <summary>Calls are refused with 429 for a time, beginning with this one.</summary>
    Burst429,

    /// <summary>500 with OpenWhisk's error envelope; nothing was accepted.</summary>
    Error500,

    /// <summary>503 with OpenWhisk's error envelope; nothing was accepted.</summary>
    Error503,

    /// <summary>502 with a proxy's HTML page; nothing was accepted.</summary>
    Html502,

    /// <summary>The connection breaks before the call was accepted.</summary>
    ResetBefore,

    /// <summary>The call is accepted and its activation runs, but the connection breaks without an answer.</summary>
    ResetAfter,

    /// <summary>The action runs twice under one activation id; the later result counts.</summary>
    Duplicate,

    /// <summary>The answer comes late.</summary>
    Slow,
}
