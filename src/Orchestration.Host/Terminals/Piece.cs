namespace Orchestration.Host.Terminals;

/// <summary>How a piece of a line looks.</summary>
internal enum Tone
{
    Plain,
    Dim,
    Good,
    Bad,
    Warning,
    Active,
}

/// <summary>A piece of a line in one colour.</summary>
internal readonly record struct Piece(string Text, Tone Tone = Tone.Plain);
