using System.Security.Cryptography;
using System.Text;
using Orchestration.Core.Objects;

namespace Orchestration.Actors.SharedObjects;

/// <summary>The ids under which mailboxes of shared objects are stored.</summary>
public static class MailboxNames
{
    /// <summary>The id of one mailbox: a hash, as names of objects are longer than ids may be.</summary>
    /// <param name="store">The object store's URL.</param>
    /// <param name="key">The object.</param>
    /// <returns>The id; it does not begin like that of an orchestration.</returns>
    public static string Of(string store, ObjectKey key) => $"object-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{store}\n{key}")))}";
}
