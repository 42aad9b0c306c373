using Orchestration.Core.Json;

namespace Orchestration.Actors.Client;

/// <summary>
/// A program that orchestrates: makes batches by <paramref name="run"/>, looks at their results, and makes more. It is run at the start of an orchestration, and again from its beginning in
/// a process that goes on with it; batches that were made then return what is recorded at once. So what it decides must follow from its input and from results alone, and parallel batches need keys.
/// </summary>
/// <param name="run">The orchestration.</param>
/// <param name="input">What it was started with, any JSON value.</param>
/// <param name="cancellation">Cancelled when this process stops running it.</param>
/// <returns>What the orchestration gives back. An exception fails the orchestration with its message.</returns>
public delegate Task<JsonBytes> OrchestrationProgram(OrchestrationHandle run, JsonBytes input, CancellationToken cancellation);
