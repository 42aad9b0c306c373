using System.Text.Json;
using Orchestration.LocalWhisk.Activations;

namespace Orchestration.LocalWhisk.Storage;

/// <summary>
/// The activations that were accepted and have no record yet, in a file that is rewritten when most of its lines are of
/// finished ones. Not safe for several threads.
/// </summary>
internal sealed class AcceptedLog : IDisposable
{
    private const int LinesBetweenRewrites = 20_000;
    private readonly Dictionary<Guid, AcceptedActivation> _unfinished = [];
    private LineFile _file;
    private int _lines;

    public AcceptedLog(string path)
    {
        _file = new LineFile(path);
        _file.Scan((_, line) =>
        {
            try
            {
                var accepted = AcceptedActivation.Parse(line);
                _unfinished[accepted.Id] = accepted;
            }
            catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
            {
                // A damaged line names no activation that a record could be written for.
            }
            _lines++;
        });
    }

    public IReadOnlyCollection<AcceptedActivation> Unfinished => _unfinished.Values;

    public void Add(AcceptedActivation accepted)
    {
        if (_lines >= LinesBetweenRewrites + (2 * _unfinished.Count))
            Rewrite();
        _file.Append(accepted.ToJson());
        _lines++;
        _unfinished.Add(accepted.Id, accepted);
    }

    public void Finish(Guid id) => _unfinished.Remove(id);

    /// <summary>Leaves only unfinished activations in the file.</summary>
    public void Rewrite()
    {
        var path = _file.Path;
        var next = path + ".new";
        File.Delete(next);
        using (var file = new LineFile(next))
        {
            foreach (var accepted in _unfinished.Values)
                file.Append(accepted.ToJson());
        }
        _file.Dispose();
        try
        {
            File.Move(next, path, overwrite: true);
        }
        finally
        {
            _file = new LineFile(path);
            _lines = 0;
            _file.Scan((_, _) => _lines++);
        }
    }

    public void Dispose() => _file.Dispose();
}
