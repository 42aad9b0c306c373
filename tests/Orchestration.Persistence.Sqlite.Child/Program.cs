using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Orchestration.Core.Ports;
using Orchestration.Persistence.Sqlite;

// hold DIR               takes the data directory until stdin ends
// runs DIR               prints the ids of the catalog's runs
// write DIR PID BYTES    stores one event after the other, and prints each number once it is acknowledged; ends with code 3 when a write fails
try
{
    switch (args[0])
    {
        case "hold":
            using (DataDirectory.Open(args[1]))
            {
                Console.WriteLine("held");
                Console.In.ReadToEnd();
            }

            return 0;
        case "runs":
            using (var catalog = SqliteCatalog.OpenReadOnly(args[1]))
            {
                foreach (var run in await catalog.ListRunsAsync(new RunQuery(), CancellationToken.None))
                    Console.WriteLine(run.Id);
            }

            return 0;
        case "write":
            return await WriteAsync(args[1], args[2], int.Parse(args[3], CultureInfo.InvariantCulture));
        default:
            return 2;
    }
}
catch (DataDirectoryException e)
{
    Console.WriteLine("refused: " + e.Message);
    return 1;
}

static async Task<int> WriteAsync(string directory, string persistenceId, int bytes)
{
    var config = ConfigurationFactory.ParseString(
        $$"""
        akka.stdout-loglevel = OFF
        akka.loglevel = OFF
        akka.persistence.journal.plugin = "{{SqlitePersistence.JournalId}}"
        akka.persistence.snapshot-store.plugin = "{{SqlitePersistence.SnapshotStoreId}}"
        {{SqlitePersistence.JournalId}}.data-directory = "{{directory}}"
        {{SqlitePersistence.SnapshotStoreId}}.data-directory = "{{directory}}"
        """).WithFallback(SqlitePersistence.DefaultConfig());
    using var system = ActorSystem.Create("child", config);
    var failed = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
    system.ActorOf(Props.Create(() => new Endless(persistenceId, new byte[bytes], failed)));
    Console.WriteLine("failed: " + await failed.Task);
    return 3;
}

internal sealed class Endless(string persistenceId, byte[] payload, TaskCompletionSource<string> failed) : UntypedPersistentActor
{
    public override string PersistenceId { get; } = persistenceId;

    protected override void OnRecover(object message)
    {
        if (message is RecoveryCompleted)
            Self.Tell("next");
    }

    protected override void OnCommand(object message) =>
        Persist(payload, _ =>
        {
            Console.WriteLine(LastSequenceNr.ToString(CultureInfo.InvariantCulture));
            Self.Tell("next");
        });

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        failed.TrySetResult(cause.Message);
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    protected override void OnRecoveryFailure(Exception reason, object? message = null) => failed.TrySetResult(reason.Message);
}
