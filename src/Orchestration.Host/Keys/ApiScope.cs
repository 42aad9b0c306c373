namespace Orchestration.Host.Keys;

/// <summary>What a caller of the API may do; each may what those before it may.</summary>
internal enum ApiScope
{
    /// <summary>Look at runs, their data and their logs.</summary>
    Read,

    /// <summary>Start runs and change them.</summary>
    Run,

    /// <summary>Have files of the service's machine used.</summary>
    Admin,
}
