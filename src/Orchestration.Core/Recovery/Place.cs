namespace Orchestration.Core.Recovery;

/// <summary>Names one action of an orchestration by where it stands.</summary>
/// <param name="Batch">The batch's number, from 0 up.</param>
/// <param name="Index">The action's place in the batch, from 0 up.</param>
public readonly record struct Place(int Batch, int Index) : IComparable<Place>
{
    /// <inheritdoc />
    public int CompareTo(Place other) => Batch != other.Batch ? Batch.CompareTo(other.Batch) : Index.CompareTo(other.Index);

    /// <summary>Compares by batch, then by place in it.</summary>
    public static bool operator <(Place left, Place right) => left.CompareTo(right) < 0;

    /// <summary>Compares by batch, then by place in it.</summary>
    public static bool operator >(Place left, Place right) => left.CompareTo(right) > 0;

    /// <summary>Compares by batch, then by place in it.</summary>
    public static bool operator <=(Place left, Place right) => left.CompareTo(right) <= 0;

    /// <summary>Compares by batch, then by place in it.</summary>
    public static bool operator >=(Place left, Place right) => left.CompareTo(right) >= 0;
}
