namespace Orchestration.Core.Tests.Laws;

/// <summary>Random choices that a generator made beforehand, so that a failing run can be repeated and made smaller.</summary>
internal sealed class Tape(int[] numbers)
{
    private int _at;

    public bool Ended => _at >= numbers.Length;

    /// <summary>A number in [0, <paramref name="bound"/>); 0 behind the end.</summary>
    public int Next(int bound) => Ended ? 0 : numbers[_at++] % bound;

    public bool Chance(int percent) => Next(100) < percent;

    public double Fraction() => Next(1000) / 1000.0;

    public T Pick<T>(IReadOnlyList<T> from) => from[Next(from.Count)];
}
